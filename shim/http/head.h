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

#define HEAD_LINE_MIN 4 /* bytes that the shortest line has: "a:", CR, LF */

/* A watched line, all there and plainly right. Its value is without white space before it. */
struct http_head_line {
    struct span value;
    uint8_t field; /* HTTP_FIELD_NONE: none was found */
    bool own;      /* it is one of the framers' own, HTTP_HOST to HTTP_EXPECT */
};

/* True at the beginning of a line. */
static inline bool head_at_line(const struct http_head *h)
{
    return h->state == 0;
}

/* Most heads come in one piece: consumes lines at one look each, up to and with the next one of the
 * framers' own, or up to the end of the value of one that is to be told, and returns how much that
 * was; where head_next has to look, it stops. Only at the beginning of a line. */
size_t head_lines(struct http_head *h, struct span in, struct http_head_line *out);

/* Consumes up to the next event, and returns how much that was: MORE, VALUE, FIELD_END, HEAD_END
 * (as in http.h, for watched fields of any kind), OPAQUE, DONE behind the empty line, and GO behind
 * a line, where head_lines may look. */
size_t head_next(struct http_head *h, struct span in, struct http_piece *out);

#endif
