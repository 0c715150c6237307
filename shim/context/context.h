/* Contexts: immutable sets of fields with a reference count, and how they are made out of layers.
 */
#ifndef BELLHOP_CONTEXT_CONTEXT_H
#define BELLHOP_CONTEXT_CONTEXT_H

#include <stdatomic.h>

#include "context/regime.h"

/* A header line that policy's `forward` names. */
struct forwarded {
    uint32_t field; /* of the policy's watch table */
    struct span value;
};

struct context {
    atomic_uint refs;
    bool is_own;             /* of its regime, which it goes with, so not counted */
    struct regime *by;       /* whose policy made it and decides about it, */
    uint64_t number;         /* and its number; by then `by` may be another one */
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
    struct regime *by; /* whose hashes are made */
};

/* The policy that decides about it. */
static inline const struct policy *context_policy(const struct context *c)
{
    return c->by->policy;
}

/* The text that stands behind the key of a member of c->hashes. */
struct span context_hash(const struct context *c, unsigned member);

/* Merges layers by key, given from the strongest to the weakest: the stronger wins, and keeps its
 * place first when limits are reached. The result lists the members of the weakest layer first, in
 * order, so that what a service adds stands at the end. All is copied. Owned by the caller, one
 * reference, which holds the regime. NULL: no memory. Async-signal-safe. */
struct context *context_build(const struct layer *layers, size_t count, const struct trailing *t);

/* One reference more, less. Each holds the regime as well. NULL is fine. Async-signal-safe. */
struct context *context_hold(struct context *c);
void context_release(struct context *c);

/* For what is kept for a later time, and must not keep a regime from going: the context stays, but
 * is good for nothing until context_revive. NULL is fine. */
void context_shelve(struct context *c);
void context_discard(struct context *c);

/* A reference to a shelved one, if it was made under this regime, which the caller holds; or NULL.
 */
struct context *context_revive(struct context *c, const struct regime *r);

/* Makes it its regime's own, of which it holds nothing; and frees that. NULL is fine. */
struct context *context_settle(struct context *c);
void context_free_own(struct context *c);

#endif
