/* The bytes of a body: counted, or in chunks, or up to the end of the connection. */
#ifndef BELLHOP_HTTP_BODY_H
#define BELLHOP_HTTP_BODY_H

#include "http/framing.h"

struct http_body {
    uint64_t left; /* of the body, or of the chunk */
    uint8_t state;
};

/* `kind` is not FRAMING_DOUBT. */
void body_begin(struct http_body *b, enum framing_kind kind, uint64_t length);

/* Consumes what belongs to the body, and returns how much that was: MORE, DONE, OPAQUE. It takes
 * the time of its framing's bytes; content is stepped over. */
size_t body_next(struct http_body *b, struct span in, struct http_piece *out);

/* As much of `len` bytes as belongs to a body that is counted, at one look; 0 for another one. */
size_t body_counted(struct http_body *b, size_t len);

bool body_is_complete(const struct http_body *b);

/* `count` bytes went by unseen. False: they are more than content, so nothing is known any more. */
bool body_skip(struct http_body *b, uint64_t count);

/* True for a body that the end of the connection completes. */
bool body_until_close(const struct http_body *b);

#endif
