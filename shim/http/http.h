/* The words that both HTTP/1 framers share: what they tell, and the header names that they watch.
 *
 * A framer is a push parser: a function of bytes that says how many it has consumed and what it saw
 * last. It does no I/O and allocates nothing; its whole state is a struct of the caller's, so that
 * it may be copied, and put back when the bytes turn out not to have been sent. Cutting the input
 * elsewhere changes nothing but the number of HTTP_VALUE pieces.
 *
 * What it makes of doubtful input. Each of these makes the stream opaque at that very byte, for
 * good, as servers disagree about them (RFC 9112 sections 2.2, 3, 5, 6, 7 and 11.2):
 *   - a control character in a head but tab, so a NUL, and a CR that no LF follows;
 *   - white space before the colon, an empty name, a name that is no token, a line without a colon;
 *   - a first header line that begins with white space; a folded line with nothing on it;
 *   - a folded line (obs-fold) after Host or a field that frames the message or the connection;
 *   - anything but one space between the parts of a request line; a version but 1.0 and 1.1;
 *   - at the end of the head: a Content-Length that is no number below 2^63, or several that differ
 *     ("5, 5" and two equal lines are one number); with a Transfer-Encoding; a Transfer-Encoding in
 *     HTTP/1.0, with parameters or an empty element, with "chunked" twice or, in a request, not
 * last;
 *   - a chunk size that is empty, no hexadecimal or 2^63 and more; control characters in a chunk
 *     extension; a chunk that no CR LF follows; a bare LF in chunk lines and trailers.
 * These pass: bare LF in a head, even mixed with CR LF (people type requests into nc); empty lines
 * before a request; obs-fold elsewhere; bytes above 0x7E in values and targets; white space after a
 * chunk size; extensions; trailers. */
#ifndef BELLHOP_HTTP_HTTP_H
#define BELLHOP_HTTP_HTTP_H

#include <stdint.h>

#include "base/span.h"

enum http_event {
    HTTP_MORE,      /* everything was consumed, and there is nothing to tell */
    HTTP_LINE,      /* request: its first line is complete, and it is HTTP/1.0 or 1.1 */
    HTTP_STATUS,    /* response: its first line is complete */
    HTTP_VALUE,     /* `value` is (more) of the value of `field`, without white space before it */
    HTTP_FIELD_END, /* the next byte ends the line of `field`: its CR, or its bare LF */
    HTTP_HEAD_END,  /* the next byte begins the empty line that ends the head: a CR, or a bare LF */
    HTTP_DONE,      /* the message is complete; the next byte belongs to the next one */
    HTTP_OPAQUE,    /* nothing is known from the next byte on, ever; every later call says so too */
    HTTP_GO,        /* never leaves the framers: nothing to tell, and more to look at */
};

/* A request's method, as far as it matters for framing. */
enum http_method { HTTP_OTHER, HTTP_HEAD, HTTP_CONNECT };

enum http_field {
    HTTP_BAGGAGE,
    HTTP_TRACEPARENT,
    HTTP_TRACESTATE,
    HTTP_HOST, /* this one and those up to Expect are the framers' own and never told */
    HTTP_LENGTH,
    HTTP_CODING,
    HTTP_CONNECTION,
    HTTP_UPGRADE,
    HTTP_EXPECT,
    HTTP_FORWARD, /* + index of a name that was added to the table */
};
#define HTTP_FORWARD_MAX 23 /* a bit each in 32, with those above */
#define HTTP_NAME_MAX    64
#define HTTP_FIELD_NONE  255

/* What a framer saw. Members that an event does not name say nothing with it. */
struct http_piece {
    enum http_event event;
    uint8_t field;     /* VALUE, FIELD_END: enum http_field */
    uint8_t method;    /* LINE: enum http_method */
    uint8_t minor;     /* LINE, STATUS: of the version, 0 or 1 */
    char last;         /* FIELD_END: the value's last byte that is no white space; 0: it is blank */
    bool folded;       /* FIELD_END: of a continuation line; that field had its FIELD_END before */
    bool bare_lf;      /* FIELD_END, HEAD_END: the line before this place ended in a bare LF */
    bool absolute;     /* LINE: the target is in absolute-form, and its authority is the host */
    bool close;        /* HEAD_END, response's DONE: this is the connection's last message */
    bool upgrade;      /* request's HEAD_END: it asks for an upgrade; it will wait for its answer.
                          response's OPAQUE: its head begins a tunnel */
    bool expect;       /* request's HEAD_END: its body may wait for an answer, or never come */
    uint16_t status;   /* STATUS */
    struct span value; /* VALUE: bytes within the input */
};

/* Names to look for. Immutable while a framer uses it; shared by any number of them. */
struct http_watch {
    struct span name[HTTP_FORWARD_MAX];
    uint32_t first[32];  /* fields by the low five bits of the name's first byte */
    uint32_t length[32]; /* and of its length */
    uint32_t count;
};

/* The table with nothing in it but what enum http_field names. Never changes. */
extern const struct http_watch http_watch_basic;

void http_watch_init(struct http_watch *w);

/* Adds a name, in any letter case; its bytes must outlive the table. Returns its index, or -EINVAL
 * for what is no token of at most HTTP_NAME_MAX bytes, -EEXIST for one that is there already or
 * belongs to the framers (the table stays as it was), -E2BIG when the table is full. */
int http_watch_add(struct http_watch *w, struct span name);

/* The field with this name, a token in any letter case, or HTTP_FIELD_NONE. */
uint8_t http_watch_find(const struct http_watch *w, struct span name);

/* The fields of which one may have a name with this first byte and length. */
static inline uint32_t http_watch_may_have(const struct http_watch *w, char first, size_t len)
{
    return w->first[first & 31] & w->length[len & 31];
}

/* The name of a field, in lower case but for added ones, which are as they were given. */
struct span http_watch_name(const struct http_watch *w, unsigned field);

#endif
