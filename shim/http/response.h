/* The framer of what a server sends: the responses to the requests that it is told of.
 *
 * It is driven as http_request_next is. Events of a response: STATUS, HEAD_END, DONE; an interim
 * one (1xx) has no DONE, and the final one follows. 101, and 2xx to CONNECT, are OPAQUE behind
 * their head: a tunnel begins. Bytes without an outstanding request are OPAQUE, and so are those
 * behind a response that ends the connection. Where the framing is in doubt, OPAQUE stands instead
 * of HEAD_END. */
#ifndef BELLHOP_HTTP_RESPONSE_H
#define BELLHOP_HTTP_RESPONSE_H

#include "http/body.h"
#include "http/head.h"
#include "http/whole.h"

#define HTTP_OUTSTANDING_MAX 64

/* What the end of the connection means. */
enum http_end {
    HTTP_END_IDLE,     /* nothing was under way */
    HTTP_END_COMPLETE, /* it completes the body that lasted until here */
    HTTP_END_CUT,      /* a response is cut short, or was never sent */
    HTTP_END_UNKNOWN,  /* the stream is opaque */
};

/* Members are the framer's own. At most 128 bytes. */
struct http_response {
    struct http_head head;
    struct http_framing framing;
    struct http_body body;
    uint8_t methods[HTTP_OUTSTANDING_MAX / 4]; /* a ring of two bits each: enum http_method */
    uint8_t first;                             /* of the ring: whose response is read, or is next */
    uint8_t count;
    uint8_t state;
    uint8_t pos; /* bytes of the version, or digits of the status */
    uint8_t minor;
    bool close;
    uint16_t status;
};

void http_response_init(struct http_response *r);

/* A request with this method is on its way: to be called in the order of the requests, at their
 * LINE, before any byte of the response is given. More than HTTP_OUTSTANDING_MAX: opaque. */
void http_response_expect(struct http_response *r, enum http_method method);

/* Requests without a DONE so far; the one whose response is being read counts. Meaningless once the
 * stream is opaque. */
unsigned http_response_outstanding(const struct http_response *r);

/* As http_request_next. */
size_t http_response_next(struct http_response *r, struct span in, struct http_piece *out);

/* What the events of an answer would tell, one that is no interim one. */
struct http_whole_response {
    uint16_t status;
    bool done;  /* all of it is there */
    bool close; /* as with DONE */
};

/* Consumes an answer whose head is all there and plain, up to its end or into its body, and returns
 * how many bytes that was; 0: http_response_next has to look. */
size_t http_response_whole(struct http_response *r, struct span in,
                           struct http_whole_response *out);

/* As http_request_skip, for servers that send content by sendfile. */
void http_response_skip(struct http_response *r, uint64_t count);

void http_response_give_up(struct http_response *r);

/* The connection ends here; a body until close is complete by this, without a DONE. */
enum http_end http_response_close(struct http_response *r);

/* True when nothing can be told about this stream any more. */
bool http_response_is_opaque(const struct http_response *r);

#endif
