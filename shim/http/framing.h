/* What the fields of a head say about the message and the connection (RFC 9112 sections 6 and 9).
 */
#ifndef BELLHOP_HTTP_FRAMING_H
#define BELLHOP_HTTP_FRAMING_H

#include "http/http.h"

/* Facts, gathered line by line. */
enum {
    SAYS_LENGTH = 1,        /* a Content-Length */
    SAYS_BAD_LENGTH = 2,    /* it is no number, or several numbers */
    SAYS_CODING = 4,        /* a Transfer-Encoding */
    SAYS_BAD_CODING = 8,    /* it is malformed, or chunked twice */
    SAYS_CHUNKED = 16,      /* chunked is among the codings */
    SAYS_CHUNKED_LAST = 32, /* and is the last of them */
    SAYS_CLOSE = 64,        /* Connection: close */
    SAYS_KEEP_ALIVE = 128,  /* Connection: keep-alive */
    SAYS_UPGRADE = 256,     /* an Upgrade with anything in it */
    SAYS_EXPECT = 512,      /* an Expect with anything in it */
};

enum framing_kind { FRAMING_NONE, FRAMING_LENGTH, FRAMING_CHUNKED, FRAMING_CLOSE, FRAMING_DOUBT };

struct http_framing {
    uint64_t length; /* with FRAMING_LENGTH: never 0 */
    uint64_t number; /* the list element that is being read, as a number */
    uint16_t facts;
    uint8_t place;  /* in the list */
    uint8_t tokens; /* the known tokens that begin as that element */
    uint8_t pos;    /* bytes of that element, as long as there are such tokens */
};

void framing_begin(struct http_framing *f);

/* Takes more of the value of `field`, HTTP_LENGTH to HTTP_EXPECT. */
void framing_value(struct http_framing *f, unsigned field, struct span value);

/* Its line ends. */
void framing_line_end(struct http_framing *f, unsigned field);

/* Both at once, for a value that came in one piece. */
void framing_line(struct http_framing *f, unsigned field, struct span value);

/* How long the body of a request or response with this head is; `minor` is the HTTP version's. For
 * responses only where the status and the request's method allow a body at all. */
enum framing_kind framing_request(const struct http_framing *f, unsigned minor);
enum framing_kind framing_response(const struct http_framing *f, unsigned minor);

/* True if the sender will close after this message (RFC 9112 section 9.3). */
bool framing_closes(const struct http_framing *f, unsigned minor);

#endif
