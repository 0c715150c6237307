/* The inside of the rules: what holds for all threads, and what each rule begins with. */
#ifndef BELLHOP_CONTEXT_WHOSE_STATE_H
#define BELLHOP_CONTEXT_WHOSE_STATE_H

#include "base/hot.h"
#include "context/whose.h"

/* What holds for all threads. */
extern struct whose_process {
    atomic_bool shares;        /* its threads do not stay with what they read */
    _Atomic(whose_name) whole; /* see whose_whole */
    atomic_uint alive;         /* requests */
    _Atomic(uint64_t) sum;     /* of their names, by exclusive or: that of the only one is itself */
    atomic_uint obscure;       /* inbound connections that cannot be followed */
    struct whose_world world;
} whose_process;

static inline bool is_alive(whose_name request)
{
    return request && whose_process.world.request_is_alive(request);
}

static inline void suspend(struct worker *w)
{
    w->now.request = 0;
    w->now.confidence = CONFIDENCE_NONE;
    w->now_on = 0;
}

static inline bool shares(void)
{
    return atomic_load_explicit(&whose_process.shares, memory_order_relaxed);
}

static inline void now_shares(void)
{
    atomic_store_explicit(&whose_process.shares, true, memory_order_relaxed);
}

static inline void lower(struct worker *w)
{
    if (w->now.confidence == CONFIDENCE_LIVE)
        w->now.confidence = CONFIDENCE_IMMEDIATE;
}

/* A request that is dead is nobody's current one (R6). What was live is not any more once threads
 * were seen to change: the change may have been before. */
static inline bool has_current(struct worker *w)
{
    if (!w->now.request)
        return false;
    if (is_alive(w->now.request)) {
        if (shares())
            lower(w);
        return true;
    }
    suspend(w);
    return false;
}

/* The thread does something with `inlet` (0: with anything else). If it left another connection for
 * it without a wait, it works for whatever is ready. One that was closed was not left. */
static inline void moves_on(struct worker *w, whose_name inlet)
{
    if (__builtin_expect(!w->idle, 1) || w->idle == inlet)
        return;
    whose_name left = w->idle;
    w->idle = 0;
    if (left != WHOSE_NOBODY && !whose_process.world.inlet_is_open(left))
        return;
    now_shares();
    suspend(w);
}

#endif
