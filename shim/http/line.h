/* The first line of a request (RFC 9112 section 3). */
#ifndef BELLHOP_HTTP_LINE_H
#define BELLHOP_HTTP_LINE_H

#include "http/host.h"
#include "http/http.h"

#define HTTP_METHOD_MAX 32

struct http_line {
    uint8_t state;
    uint8_t pos;    /* bytes of the method, the scheme or the version, whichever is being read */
    uint8_t method; /* enum http_method; while it is read, the set of those that begin like it */
    uint8_t minor;
    bool bare_lf;
    bool absolute;
    bool https; /* the scheme is that, as far as it was read */
};

/* At the first byte of a message: empty lines may come before it (RFC 9112 section 2.2). What the
 * line before said stays, until there is more. */
void line_begin(struct http_line *l);

/* True as long as nothing but empty lines came. */
bool line_untouched(const struct http_line *l);

/* Doubtful because the version is not 1, but 2: the preface of HTTP/2, as it stands at `c`. */
bool line_is_http2(const struct http_line *l, char c);

/* A whole line at one look, as most are, where a message begins; returns its bytes, or 0: it
 * has to be read byte by byte. A target in absolute-form and CONNECT are left to that. */
size_t line_at_once(struct http_line *l, struct span in);

/* Consumes up to the next event: MORE, LINE, OPAQUE. `host` gets the target's authority. */
size_t line_next(struct http_line *l, struct http_host *host, struct span in,
                 struct http_piece *out);

#endif
