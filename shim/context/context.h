/* Contexts: immutable sets of fields with a reference count, and how they are made out of layers.
 */
#ifndef BELLHOP_CONTEXT_CONTEXT_H
#define BELLHOP_CONTEXT_CONTEXT_H

#include <stdatomic.h>

#include "policy/policy.h"

/* A header line that policy's `forward` names. */
struct forwarded {
    uint32_t field; /* of the policy's watch table */
    struct span value;
};

struct context {
    atomic_uint refs;
    bool immortal;           /* never freed, so not counted: all threads share the process's own */
    struct span value;       /* all members as one field value, as it is sent; may be empty */
    struct span traceparent; /* valid, or empty */
    struct span tracestate;  /* valid, or empty; empty when traceparent is (STANDARD H27) */
    struct span lines; /* the header lines of these three, each with its CR LF, as they are sent */
    const struct forwarded *forward;
    uint32_t forwards;   /* how many of them */
    uint32_t over;       /* members of its layers that did not fit */
    member_set hashes;   /* the members that policy sends hashed to some host, */
    const char *hash;    /* and the texts for them, POLICY_HASH_LEN bytes each */
    struct baggage list; /* over `value`; last, as only `count` members of it are allocated */
};

/* One source of baggage. */
struct layer {
    const struct baggage *list;
    member_set left_out; /* as if they were not in the list */
    member_set removed; /* these are tombstones: the key is hidden in weaker layers, and not sent */
    bool alone;         /* hides all weaker layers */
};

/* What else a context carries. */
struct trailing {
    struct span traceparent; /* both are checked, and left out if they are not valid */
    struct span tracestate;
    const struct forwarded *forward; /* values that cannot be sent are left out */
    uint32_t forwards;
    const struct policy *policy; /* whose hashes are made */
};

/* The text that stands behind the key of a member of c->hashes. */
struct span context_hash(const struct context *c, unsigned member);

/* Merges layers by key, given from the strongest to the weakest: the stronger wins, and keeps its
 * place first when limits are reached. The result lists the members of the weakest layer first, in
 * order, so that what a service adds stands at the end. All is copied. Owned by the caller, one
 * reference. NULL: no memory. Async-signal-safe. */
struct context *context_build(const struct layer *layers, size_t count, const struct trailing *t);

/* One reference more, less. NULL is fine. Async-signal-safe. */
struct context *context_hold(struct context *c);
void context_release(struct context *c);

#endif
