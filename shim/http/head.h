/* The field lines of a head, one byte after the other: names, values, line ends. It knows nothing
 * of what the fields mean. Used by both framers; see http.h for what it refuses. */
#ifndef BELLHOP_HTTP_HEAD_H
#define BELLHOP_HTTP_HEAD_H

#include "http/http.h"

struct http_head {
    const struct http_watch *watch;
    uint32_t watched;    /* the fields that are told */
    uint32_t candidates; /* those whose names begin as the name that is being read */
    uint8_t state;
    uint8_t pos;   /* bytes of that name, as long as there are candidates */
    uint8_t field; /* of the line that is being read, or was read last; or HTTP_FIELD_NONE */
    char last;     /* see http_piece */
    bool any;      /* a field line was seen */
    bool folded;
    bool bare_lf; /* of the line before */
};

/* Begins a head behind its first line, which ended as `bare_lf` says. `watched` is a set of fields,
 * each a bit. */
void head_begin(struct http_head *h, const struct http_watch *watch, uint32_t watched,
                bool bare_lf);

/* Consumes up to the next event, and returns how much that was: MORE, VALUE, FIELD_END, HEAD_END
 * (as in http.h, for watched fields of any kind), OPAQUE, and DONE behind the empty line. */
size_t head_next(struct http_head *h, struct span in, struct http_piece *out);

#endif
