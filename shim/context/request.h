/* Inbound requests while they are being answered: what came with each, and what is made of it. They
 * are named by base/pool.h; a name whose request has ended finds nothing. */
#ifndef BELLHOP_CONTEXT_REQUEST_H
#define BELLHOP_CONTEXT_REQUEST_H

#include "context/capture.h"
#include "context/context.h"
#include "policy/confidence.h"

/* Room for so many at a time. False: no memory. */
bool request_reserve(size_t count);

/* A new request, that came by the connection `inlet` and was read by the thread `reader` (an
 * address that tells threads apart); takes `fields`, which may be NULL. 0: there is no room. */
uint64_t request_begin(uint64_t inlet, const void *reader, struct capture *fields);

/* Nobody finds it any more; it goes when nobody is inside of it. 0 is fine. */
void request_end(uint64_t name);

bool request_is_alive(uint64_t name);

/* It does not end by one request_end more. 0 is fine. */
void request_keep(uint64_t name);

/* 0, NULL: it has ended. */
uint64_t request_inlet(uint64_t name);
const void *request_reader(uint64_t name);

/* The context that `make` makes of the request's fields for this confidence under a regime, which
 * the caller holds; made once for the first regime that it is asked for; one reference for the
 * caller. NULL: it has ended, or there is no memory. */
typedef struct context *request_maker(struct regime *r, const struct capture *fields,
                                      enum confidence confidence);
struct context *request_context(uint64_t name, struct regime *by, enum confidence confidence,
                                request_maker *make);

/* The same, made anew and not kept. */
struct context *request_uncached(uint64_t name, struct regime *by, enum confidence confidence,
                                 request_maker *make);

#endif
