/* What this process carries of its own, and what its threads attached: the composition of sources
 * (DESIGN.md 5) into the context that applies now. */
#ifndef BELLHOP_CONTEXT_PROCESS_H
#define BELLHOP_CONTEXT_PROCESS_H

#include "context/context.h"
#include "policy/policy.h"

struct bellhop_baggage;

/* What start-up found. Strings are copied. */
struct process_start {
    const struct policy *policy; /* kept until the process ends; NULL: none */
    bool propagate_baggage;
    bool propagate_trace;
    struct span baggage; /* BAGGAGE, TRACEPARENT, TRACESTATE: raw, unchecked */
    struct span traceparent;
    struct span tracestate;
};

/* Called once, before any thread may ask. Until then, and when it fails (no memory: false), there
 * is nothing to carry. */
bool process_start(const struct process_start *start);

/* True once process_start succeeded and something can be carried at all. One load. */
extern atomic_bool process_carries;

/* The context of the calling thread: one reference for the caller, or NULL: nothing. */
struct context *process_current(void);

/* The calling thread's own layer, borrowed; NULL: none. */
struct bellhop_baggage *process_layer(void);

/* Replaces the calling thread's own layer by `layer` (NULL: none), of which it takes the reference;
 * the previous one is the caller's. -ENOMEM: nothing changed. */
int process_swap_layer(struct bellhop_baggage *layer, struct bellhop_baggage **previous);

/* What may go to a host: which members, and whether trace fields. */
struct selection {
    member_set members;
    bool trace;
    int rule; /* as struct verdict */
};

/* Judges a context for a host; `to` NULL: the host is not known, so only an open policy lets it go.
 */
struct selection process_select(const struct context *c, const struct target *to);

const struct policy *process_policy(void);

#endif
