/* The framer of what a client sends: a stream of HTTP/1 requests, until proof of the contrary.
 *
 *     do {
 *         n = http_request_next(r, rest, &piece);
 *         ... piece.event ...; rest.at += n; rest.len -= n;
 *     } while (piece.event != HTTP_MORE && piece.event != HTTP_OPAQUE);
 *
 * Events of a request: LINE, then VALUE pieces and a FIELD_END for each line of a watched field,
 * then HEAD_END, then DONE. What goes in at FIELD_END or HEAD_END stands right before the next
 * byte. A request with doubtful framing is OPAQUE instead of HEAD_END, and CONNECT has neither
 * fields nor HEAD_END: nothing is ever inserted there (STANDARD I31).
 *
 * What a client sends next can depend on the answer, so that is to be told (http_request_answer):
 *   - behind CONNECT or a request with Upgrade, the framer waits; bytes before the answer make the
 *     stream opaque, and so does the answer that accepts;
 *   - a final answer to `Expect: 100-continue` before any byte of the body leaves open whether the
 *     body or a new request comes next (RFC 9110 section 10.1.1): opaque;
 *   - so does a final answer to a request whose head is not complete.
 * Who cannot see answers must take a stream for opaque behind a HEAD_END with `expect`. */
#ifndef BELLHOP_HTTP_REQUEST_H
#define BELLHOP_HTTP_REQUEST_H

#include "http/body.h"
#include "http/head.h"
#include "http/line.h"
#include "http/whole.h"

enum http_phase {
    HTTP_BETWEEN, /* at a message boundary; empty lines may have come */
    HTTP_IN_HEAD, /* its first line included */
    HTTP_IN_BODY, /* or at the end of it, with DONE not told yet */
    HTTP_WAITING, /* between, and what comes next depends on an answer */
    HTTP_IN_DARK, /* opaque */
};

/* Why a stream is opaque. */
enum http_dark {
    HTTP_DARK_NOT_HTTP, /* where a request line was to begin, stands something else */
    HTTP_DARK_HTTP2,    /* the preface of HTTP/2 does */
    HTTP_DARK_TUNNEL,   /* CONNECT was accepted, or not waited for */
    HTTP_DARK_UPGRADE,  /* the same of an upgrade */
    HTTP_DARK_FRAMING,  /* a head or body breaks its grammar, or can be read in two ways */
    HTTP_DARK_ANSWER,   /* an answer came before the request was whole */
    HTTP_DARK_UNSEEN,   /* bytes were sent unseen where it mattered */
    HTTP_DARK_GIVEN_UP, /* by the caller */
};

/* Members are the framer's own. At most 480 bytes. */
struct http_request {
    const struct http_watch *watch;
    struct http_head head;
    struct http_framing framing;
    struct http_body body;
    struct http_line line;
    struct http_host host;
    uint8_t state;
    uint8_t kind; /* enum framing_kind */
    bool pending; /* an answer to CONNECT or Upgrade will matter at the end of this request */
    uint8_t why;  /* enum http_dark, once it is opaque */
    bool expect;  /* an answer would matter, as the body was announced but has not begun */
};

/* A new stream. `watch` must outlive it, or the last head that it is for; NULL: http_watch_basic.
 */
void http_request_init(struct http_request *r, const struct http_watch *watch);

/* Another table, from the head on that begins with the next byte, or whose LINE was told last. */
static inline void http_request_watch(struct http_request *r, const struct http_watch *watch)
{
    r->watch = r->head.watch = watch;
}

/* Consumes bytes of `in` up to the next event, and returns how many. Bytes that OPAQUE leaves
 * belong to it as well. An empty `in` is allowed and tells what is left to tell. */
size_t http_request_next(struct http_request *r, struct span in, struct http_piece *out);

/* A request whose head came in one piece and is plain: what events would tell of it. */
struct http_whole_request {
    size_t head;   /* bytes up to the empty line, where HEAD_END is */
    size_t len;    /* bytes up to its end, or as many as are there, */
    uint64_t left; /* and as many of its body are to come */
    struct http_line line;
};

/* Looks at `in`, which is to be given next. False: nothing is known, or nothing plain: neither
 * Upgrade, Expect, CONNECT nor chunks. */
bool http_request_whole(const struct http_request *r, const struct http_watch *watch,
                        struct span in, struct http_whole_request *out, struct http_whole *lines);

/* Consumes it. Its host is not collected: http_request_host finds none. */
void http_request_take(struct http_request *r, const struct http_watch *watch,
                       const struct http_whole_request *w);

/* `count` bytes were sent unseen, by sendfile or the like; anywhere but in content: opaque. */
void http_request_skip(struct http_request *r, uint64_t count);

/* The status of a response to the last request on the stream, also an interim one; to be called
 * only when that request is the one that is answered. */
void http_request_answer(struct http_request *r, unsigned status);

/* Something was sent that the caller could not follow. */
void http_request_give_up(struct http_request *r);

/* Why, once the phase is HTTP_IN_DARK. */
enum http_dark http_request_why(const struct http_request *r);

enum http_phase http_request_phase(const struct http_request *r);

/* Of the request that is being read or was read last. The host with its port, as it was written,
 * valid until the framer gets the next request's bytes. It is empty unless the state is
 * HTTP_HOST_KNOWN; that is reliable from HEAD_END on, as Host may come last. */
enum http_host_state http_request_host(const struct http_request *r, struct span *host);

/* The port that the target's scheme implies: 443 for an absolute https, else 80. */
uint16_t http_request_default_port(const struct http_request *r);

#endif
