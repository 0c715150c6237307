/* What this process carries of its own, and what its threads attached: the composition of sources
 * (DESIGN.md 5) into the context that applies now. */
#ifndef BELLHOP_CONTEXT_PROCESS_H
#define BELLHOP_CONTEXT_PROCESS_H

#include "context/capture.h"
#include "context/context.h"
#include "context/whose.h"
#include "policy/policy.h"

struct bellhop_baggage;

/* What start-up found. Strings are copied. */
struct process_start {
    const struct policy *policy; /* kept until the process ends; NULL: none */
    bool observed; /* somebody may want to know of requests of which nothing is carried on */
    bool off;      /* nothing is carried, until other settings come */
    bool propagate_baggage;
    bool propagate_trace;
    struct span exe, arguments; /* of the program; what they point to stays */
    struct span baggage;        /* BAGGAGE, TRACEPARENT, TRACESTATE: raw, unchecked */
    struct span traceparent;
    struct span tracestate;
};

/* Called once, before any thread may ask. Until then, and when it fails (no memory: false), there
 * is nothing to carry. */
bool process_start(const struct process_start *start);

/* Puts another policy in the place of the one of process_start, by the same rules. */
bool process_settle(const struct policy *policy, bool off);

/* Other settings may come from an agent (context/settings.h). Before process_start. */
void process_follows(void);

/* True once process_start succeeded and something can be carried at all. One load. */
extern atomic_bool process_carries;

/* Set for good once the process accepts connections: until then there are no requests, and nothing
 * is told to the rules. */
extern atomic_bool process_serves;

static inline bool process_is_server(void)
{
    return __builtin_expect(atomic_load_explicit(&process_serves, memory_order_relaxed), 0);
}

/* Set for good once outbound rules ask for methods or paths. */
extern atomic_bool process_asks_line;

/* The calling thread, for the rules. */
struct worker *process_worker(void);

/* The context that applies to what the calling thread does for this request (none: the process's
 * own and what the thread attached): one reference for the caller, or NULL: nothing. */
struct context *process_context(struct whose who);

/* The same for what it does now. */
struct context *process_current(void);

/* The request that the calling thread works for lives as long as this process. */
void process_keep_request(void);

/* The whole process answers the one request that came with these fields (CGI); takes them. */
void process_is_request(struct capture *fields);

/* The least confidence of a request that is of use in this process. */
enum confidence process_least(void);

/* True if only what is live is of use, and nobody asks for the rest. */
bool process_is_for_live(void);

/* True if policy may ask who the client is. */
bool process_wants_peer(void);

/* The regime in force, held, after a look for news. */
struct regime *process_regime(void);

/* Makes all that follows from r->policy, r->generation and r->number. False: no memory. */
bool process_fill(struct regime *r);

/* What is told of the regime in force to those who do not take it. */
void process_told(const struct regime *r);

/* The calling thread's own layer, borrowed; NULL: none. */
struct bellhop_baggage *process_layer(void);

/* Replaces the calling thread's own layer by `layer` (NULL: none), of which it takes the reference;
 * the previous one is the caller's. -ENOMEM: nothing changed. */
int process_swap_layer(struct bellhop_baggage *layer, struct bellhop_baggage **previous);

/* What may go to a host: which members, and whether the other fields. */
struct selection {
    struct verdict what;
    bool trace;
    bool forward; /* the lines that are forwarded */
};

/* All members that go, in whatever way. */
static inline member_set selection_members(const struct selection *s)
{
    return s->what.members | s->what.fixed | s->what.hashed;
}

/* Judges a context for a host; `to` NULL: the host is not known. */
struct selection process_select(const struct context *c, const struct target *to);

/* True if all of its lines go to every host; false: it may be so. */
bool process_sends_whole(const struct context *c);

/* What goes to child processes. */
struct selection process_hand_over(const struct context *c);

/* True if some of what the process was started with may not go to them. */
bool process_withholds_from_children(void);

/* What the environment said at start. */
struct inherited {
    struct span baggage, traceparent;
};
const struct inherited *process_inherited(void);

#endif
