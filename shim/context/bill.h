/* Who caused a request: the members that `attribute_by` names, by whose values the agent is told of
 * requests and bytes (base/attribution.h). One bill a connection, of the request that began there
 * last; any thread may add to it. Async-signal-safe. Without `attribute_by`, a load and a branch.
 */
#ifndef BELLHOP_CONTEXT_BILL_H
#define BELLHOP_CONTEXT_BILL_H

#include "base/attribution.h"
#include "base/limits.h"
#include "context/context.h"

struct bill {
    _Atomic(attribution_ticket) ticket[LIMIT_ATTRIBUTE_BY]; /* one a key */
    _Atomic(uint64_t) early; /* bytes of a request whose first line or head is not complete */
};

/* The policy in force names keys. */
extern atomic_bool bill_keys;
void bill_policy(const struct policy *p);

static inline bool bill_wanted(void)
{
    return __builtin_expect(atomic_load_explicit(&bill_keys, memory_order_relaxed), 0);
}

/* A request begins to which `c` applies (NULL: nothing does): it is counted, and what is added from
 * now on is its. `of` is ATTRIBUTED_OUT or ATTRIBUTED_IN. */
void bill_begin(struct bill *b, const struct context *c, enum attributed of);

/* One that was begun elsewhere goes on here. */
void bill_take(struct bill *b, const struct bill *from);

/* Bytes of the request, or of its answer. */
void bill_add(struct bill *b, enum attributed of, uint64_t bytes);

/* Bytes of it that go past in one call: `boundary` if the call began before the next request did,
 * `begun` if one did since. Where several begin in one call, the last of them has it all. */
void bill_pass(struct bill *b, enum attributed of, uint64_t bytes, bool boundary, bool begun);

#endif
