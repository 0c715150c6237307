/* Contexts: immutable sets of fields with a reference count, and how they are made out of layers.
 */
#ifndef BELLHOP_CONTEXT_CONTEXT_H
#define BELLHOP_CONTEXT_CONTEXT_H

#include <stdatomic.h>

#include "baggage/baggage.h"

struct context {
    atomic_uint refs;
    bool immortal;           /* never freed, so not counted: all threads share the process's own */
    struct context *next;    /* of those that wait to be freed */
    struct span value;       /* all members as one field value, as it is sent; may be empty */
    struct span traceparent; /* valid, or empty */
    struct span tracestate;  /* valid, or empty; empty when traceparent is (STANDARD H27) */
    struct baggage list;     /* over `value`; last, as only `count` members of it are allocated */
};

/* One source of baggage. */
struct layer {
    const struct baggage *list;
    member_set removed; /* these are tombstones: the key is hidden in weaker layers, and not sent */
    bool alone;         /* hides all weaker layers */
};

/* Merges layers by key, given from the strongest to the weakest: the stronger wins, and keeps its
 * place first when limits are reached. The result lists the members of the weakest layer first, in
 * order, so that what a service adds stands at the end. Trace fields are copied if valid. Owned by
 * the caller, one reference. NULL: no memory. */
struct context *context_build(const struct layer *layers, size_t count, struct span traceparent,
                              struct span tracestate);

/* One reference more, less. NULL is fine. Async-signal-safe: what nobody refers to any more is
 * freed by a later context_build. */
struct context *context_hold(struct context *c);
void context_release(struct context *c);

#endif
