/* Whom a request is for, collected byte by byte into a bounded buffer. */
#ifndef BELLHOP_HTTP_HOST_H
#define BELLHOP_HTTP_HOST_H

#include <stdint.h>

#include "base/span.h"

#define HTTP_HOST_MAX 256

enum http_host_state {
    HTTP_HOST_ABSENT,  /* nothing has named it so far */
    HTTP_HOST_KNOWN,   /* may be empty */
    HTTP_HOST_UNKNOWN, /* too long, or named by several Host lines */
};

struct http_host {
    char at[HTTP_HOST_MAX];
    uint16_t len;
    bool named_by_target; /* Host lines are ignored (RFC 9112 section 3.2.2) */
    bool line_seen;       /* a Host line */
    unsigned char state;  /* enum http_host_state */
};

void host_begin(struct http_host *h);

/* More bytes of the authority in the request target. */
void host_target(struct http_host *h, struct span part);

/* More bytes of a Host line, and its end. */
void host_value(struct http_host *h, struct span part);
void host_line_end(struct http_host *h);

#endif
