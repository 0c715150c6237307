#include "context/whose.h"

#include "context/whose_state.h"

HOT struct whose_process whose_process;

void whose_start(const struct whose_world *world)
{
    whose_process.world = *world;
}

void whose_begun(whose_name request)
{
    atomic_fetch_xor(&whose_process.sum, request);
    atomic_fetch_add(&whose_process.alive, 1);
}

void whose_ended(whose_name request)
{
    atomic_fetch_sub(&whose_process.alive, 1);
    atomic_fetch_xor(&whose_process.sum, request);
}

void whose_obscured(void)
{
    atomic_fetch_add(&whose_process.obscure, 1);
}

void whose_cleared(void)
{
    atomic_fetch_sub(&whose_process.obscure, 1);
}

bool whose_is_never_live(const struct worker *w)
{
    return w->loops || shares();
}

/* The thread turns to `inlet` (0: to others): a request that it was dedicated to is over by then,
 * or it was not dedicated. */
static void leaves(struct worker *w, whose_name inlet)
{
    if (!w->mine)
        return;
    if (!is_alive(w->mine))
        w->mine = 0;
    else if (whose_process.world.request_inlet(w->mine) != inlet)
        now_shares();
}

/* --- R1, R2, R3: waits and inbound reads ------------------------------------------------------ */

void whose_waits(struct worker *w, enum wait_holds holds, whose_name one)
{
    if (w->now.confidence == CONFIDENCE_WEAK)
        suspend(w);
    if (holds == WAIT_NOTHING) {
        /* It only looked whether its client is still there. */
        if (w->idle && w->idle == w->now_on && has_current(w))
            w->idle = 0;
        return;
    }
    w->idle = 0;
    leaves(w, holds == WAIT_ONE ? one : 0);
    if (holds != WAIT_ONE || w->now_on != one)
        suspend(w);
    w->waited = (uint8_t)holds;
    w->waited_on = holds == WAIT_ONE ? one : 0;
}

/* In a loop that waits for many it does not block. */
void whose_accepts(struct worker *w)
{
    w->idle = 0;
    leaves(w, 0);
    suspend(w);
    if (w->waited != WAIT_MANY)
        w->waited = WAIT_LISTENING;
}

/* Who adds another connection than it read from is a loop, whatever it waited for before, and so
 * is who waited for listeners alone, or adds one whose request is unanswered. A pool's worker gives
 * the one back that it is done with. */
void whose_registers(struct worker *w, whose_name inlet)
{
    if (w->waited != WAIT_LISTENING && w->read_on == inlet &&
        !(has_current(w) && w->now_on == inlet))
        return;
    w->waited = WAIT_MANY;
    lower(w);
}

/* R1: the thread is there for this connection. A wait for a connection that is over says nothing
 * about the next one. */
static bool is_dedicated(const struct worker *w, whose_name inlet)
{
    if (w->loops || shares())
        return false;
    switch (w->waited) {
    case WAIT_ONE:
        return w->waited_on == inlet || !whose_process.world.inlet_is_open(w->waited_on);
    case WAIT_MANY:
        return false;
    default:
        return true;
    }
}

static void take(struct worker *w, whose_name inlet, whose_name request)
{
    if (w->now.request == request)
        return;
    bool dedicated = is_dedicated(w, inlet);
    w->loops |= w->waited == WAIT_MANY;
    w->now.request = request;
    w->now.confidence = dedicated ? CONFIDENCE_LIVE : CONFIDENCE_IMMEDIATE;
    w->now_on = inlet;
    if (dedicated)
        w->mine = request;
}

/* Another thread read its head: they share their work. */
static bool is_others(const struct worker *w, whose_name request)
{
    const void *reader = whose_process.world.request_reader(request);
    return reader && reader != w;
}

void whose_reads(struct worker *w, whose_name inlet, whose_name front)
{
    moves_on(w, inlet);
    leaves(w, inlet);
    w->read_on = inlet;
    if (w->now.confidence == CONFIDENCE_WEAK)
        suspend(w);
    if (front && w->now.request != front && is_others(w, front))
        now_shares();
    if (front)
        take(w, inlet, front);
    else if (w->now_on != inlet)
        suspend(w);
}

/* It may work for the further one, and hand the first to somebody else. */
void whose_reads_ahead(struct worker *w)
{
    lower(w);
}

void whose_idles(struct worker *w, whose_name inlet)
{
    moves_on(w, inlet);
    w->idle = inlet;
}

void whose_answers(struct worker *w, const void *reader)
{
    if (reader != w)
        now_shares();
    else
        w->mine = 0;
}

/* R6, and the next of pipelined requests, which was read already. When the program goes over to it
 * cannot be seen: it may have more to do for the one that it answered. */
void whose_answered(struct worker *w, whose_name inlet, whose_name front)
{
    whose_name on = w->now_on;
    enum confidence was = w->now.confidence;
    if (has_current(w) || on != inlet || !front)
        return;
    w->now.request = front;
    w->now.confidence = was < CONFIDENCE_IMMEDIATE ? was : CONFIDENCE_IMMEDIATE;
    w->now_on = inlet;
}

/* --- R7, R8 ----------------------------------------------------------------------------------- */

void whose_makes(const struct worker *w, struct worker *child)
{
    *child = (struct worker){ .now = w->now, .now_on = w->now_on };
    if (child->now.request)
        child->now.confidence = CONFIDENCE_WEAK;
}

static whose_name sole(void)
{
    unsigned alive = atomic_load(&whose_process.alive);
    whose_name name = atomic_load(&whose_process.sum);
    if (alive != 1 || atomic_load(&whose_process.obscure) || atomic_load(&whose_process.alive) != 1)
        return 0;
    return is_alive(name) ? name : 0;
}

struct whose whose_now(struct worker *w)
{
    if (has_current(w))
        return w->now;
    whose_name name = atomic_load_explicit(&whose_process.whole, memory_order_relaxed);
    if (name)
        return (struct whose){ .request = name, .confidence = CONFIDENCE_LIVE };
    if (__builtin_expect(atomic_load_explicit(&whose_process.alive, memory_order_relaxed) == 1,
                         0) &&
        (name = sole()))
        return (struct whose){ .request = name, .confidence = CONFIDENCE_SOLE };
    return (struct whose){ 0 };
}

void whose_whole(whose_name request)
{
    atomic_store(&whose_process.whole, request);
}

void whose_forget(void)
{
    atomic_store(&whose_process.shares, false);
    atomic_store(&whose_process.whole, 0);
    atomic_store(&whose_process.alive, 0);
    atomic_store(&whose_process.sum, 0);
    atomic_store(&whose_process.obscure, 0);
}
