#include "context/whose.h"

#include "base/hot.h"

/* What holds for all threads. */
static HOT struct {
    atomic_bool shares;        /* its threads do not stay with what they read */
    _Atomic(whose_name) whole; /* see whose_whole */
    atomic_uint alive;         /* requests */
    _Atomic(uint64_t) sum;     /* of their names, by exclusive or: that of the only one is itself */
    atomic_uint obscure;       /* inbound connections that cannot be followed */
    struct whose_world world;
} process;

void whose_start(const struct whose_world *world)
{
    process.world = *world;
}

static bool is_alive(whose_name request)
{
    return request && process.world.request_is_alive(request);
}

void whose_begun(whose_name request)
{
    atomic_fetch_xor(&process.sum, request);
    atomic_fetch_add(&process.alive, 1);
}

void whose_ended(whose_name request)
{
    atomic_fetch_sub(&process.alive, 1);
    atomic_fetch_xor(&process.sum, request);
}

void whose_obscured(void)
{
    atomic_fetch_add(&process.obscure, 1);
}

void whose_cleared(void)
{
    atomic_fetch_sub(&process.obscure, 1);
}

static void suspend(struct worker *w)
{
    w->now.request = 0;
    w->now.confidence = CONFIDENCE_NONE;
    w->now_on = 0;
}

static bool shares(void)
{
    return atomic_load_explicit(&process.shares, memory_order_relaxed);
}

static void now_shares(void)
{
    atomic_store_explicit(&process.shares, true, memory_order_relaxed);
}

bool whose_is_never_live(const struct worker *w)
{
    return w->loops || shares();
}

static void lower(struct worker *w)
{
    if (w->now.confidence == CONFIDENCE_LIVE)
        w->now.confidence = CONFIDENCE_IMMEDIATE;
}

/* A request that is dead is nobody's current one (R6). What was live is not any more once threads
 * were seen to change: the change may have been before. */
static bool has_current(struct worker *w)
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
static void moves_on(struct worker *w, whose_name inlet)
{
    if (__builtin_expect(!w->idle, 1) || w->idle == inlet)
        return;
    whose_name left = w->idle;
    w->idle = 0;
    if (left != WHOSE_NOBODY && !process.world.inlet_is_open(left))
        return;
    now_shares();
    suspend(w);
}

/* The thread turns to `inlet` (0: to others): a request that it was dedicated to is over by then,
 * or it was not dedicated. */
static void leaves(struct worker *w, whose_name inlet)
{
    if (!w->mine)
        return;
    if (!is_alive(w->mine))
        w->mine = 0;
    else if (process.world.request_inlet(w->mine) != inlet)
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
        return w->waited_on == inlet || !process.world.inlet_is_open(w->waited_on);
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
    const void *reader = process.world.request_reader(request);
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

/* --- R4, R5: outbound connections ------------------------------------------------------------- */

/* Whoever sees an owner sees a surety that some owner had: nobody leaves the last one's. */
static void own(struct outlet_mark *m, struct whose who)
{
    if (who.request)
        atomic_store_explicit(&m->surety, (unsigned char)who.confidence, memory_order_relaxed);
    atomic_store_explicit(&m->owner, who.request, memory_order_release);
}

void whose_connects(struct worker *w, struct outlet_mark *m)
{
    moves_on(w, 0);
    atomic_store_explicit(&m->begun, false, memory_order_relaxed);
    atomic_store_explicit(&m->mixed, false, memory_order_relaxed);
    atomic_store_explicit(&m->writer, 0, memory_order_relaxed);
    own(m, has_current(w) ? w->now : (struct whose){ 0 });
}

static void resume(struct worker *w, const struct outlet_mark *m, whose_name owner)
{
    enum confidence surety = atomic_load_explicit(&m->surety, memory_order_relaxed);
    w->now.request = owner;
    w->now.confidence = surety < CONFIDENCE_RESUMED ? surety : CONFIDENCE_RESUMED;
    w->now_on = process.world.request_inlet(owner);
}

/* The first request after the connect is its owner's, unless a dedicated thread writes it. One
 * that nobody is known to have connected for may be anybody's. */
static void resume_first(struct worker *w, const struct outlet_mark *m)
{
    whose_name owner = atomic_load_explicit(&m->owner, memory_order_acquire);
    bool current = has_current(w);
    if (current && (w->now.confidence == CONFIDENCE_LIVE || w->now.request == owner))
        return;
    if (is_alive(owner))
        resume(w, m, owner);
    else if (current)
        suspend(w);
}

struct whose whose_writes(struct worker *w, struct outlet_mark *m, unsigned outstanding)
{
    bool counted = outstanding != WHOSE_UNCOUNTED;
    moves_on(w, 0);
    if (counted && !atomic_load_explicit(&m->begun, memory_order_relaxed))
        resume_first(w, m);
    whose_name mine = has_current(w) ? w->now.request : 0;
    unsigned writes = atomic_fetch_add_explicit(&m->writes, 1, memory_order_acq_rel);
    whose_name before = atomic_exchange(&m->writer, mine);
    atomic_store_explicit(&m->by, w, memory_order_relaxed);
    bool unheard =
        counted ? outstanding > 0 : atomic_load_explicit(&m->heard, memory_order_acquire) != writes;
    if (counted && outstanding == 0)
        atomic_store_explicit(&m->mixed, false, memory_order_relaxed);
    else if (unheard && before != mine && (!before || is_alive(before)) &&
             atomic_load_explicit(&m->begun, memory_order_relaxed))
        atomic_store_explicit(&m->mixed, true, memory_order_relaxed);
    atomic_store_explicit(&m->begun, true, memory_order_relaxed);
    own(m, mine ? w->now : (struct whose){ 0 });
    return whose_now(w);
}

struct whose whose_would_write(const struct worker *w, struct outlet_mark *m)
{
    struct worker copy = *w;
    if (copy.idle)
        suspend(&copy);
    if (!atomic_load_explicit(&m->begun, memory_order_relaxed))
        resume_first(&copy, m);
    return whose_now(&copy);
}

/* What was read before others wrote is no answer to them. True if the last write was heard already.
 */
static bool hears_now(struct outlet_mark *m, unsigned writes)
{
    unsigned heard = atomic_exchange_explicit(&m->heard, writes, memory_order_acq_rel);
    return heard == atomic_load_explicit(&m->writes, memory_order_acquire);
}

/* Nobody else waits for an answer, as far as the last write tells. */
static bool is_mine(const struct outlet_mark *m, const struct worker *w)
{
    whose_name writer = atomic_load_explicit(&m->writer, memory_order_relaxed);
    if (!writer)
        return !atomic_load_explicit(&m->begun, memory_order_relaxed);
    return writer == w->now.request || !is_alive(writer);
}

/* A living request's, that this thread did not write. */
static bool is_anothers(const struct outlet_mark *m, const struct worker *w)
{
    return atomic_load_explicit(&m->by, memory_order_relaxed) != w &&
           atomic_load_explicit(&m->writer, memory_order_relaxed);
}

/* It reads what another request waits for: the next that reads there may do it for this one. A
 * thread that stays with its own has others' answers in its hands, then. It may go on with them, or
 * leave them in memory to the next thread, of which nothing would be seen. */
static void reads_others(const struct worker *w, struct outlet_mark *m, bool counted)
{
    if (!counted)
        atomic_store_explicit(&m->mixed, true, memory_order_relaxed);
    if (w->now.confidence == CONFIDENCE_LIVE || (w->mine && is_alive(w->mine)))
        now_shares();
}

void whose_hears(struct worker *w, struct outlet_mark *m, unsigned outstanding, unsigned writes)
{
    bool counted = outstanding != WHOSE_UNCOUNTED;
    bool mixed = atomic_load_explicit(&m->mixed, memory_order_relaxed);
    moves_on(w, 0);
    bool heard = hears_now(m, writes);
    bool current = has_current(w);
    if (mixed || !is_mine(m, w)) {
        bool awaited = mixed || (counted ? outstanding > 0 : !heard);
        if (awaited && (current || is_anothers(m, w)))
            reads_others(w, m, counted);
        suspend(w);
    } else if (current) {
        return;
    }
    whose_name owner = atomic_load_explicit(&m->owner, memory_order_acquire);
    if (!mixed && outstanding == 1 && is_alive(owner))
        resume(w, m, owner);
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
    unsigned alive = atomic_load(&process.alive);
    whose_name name = atomic_load(&process.sum);
    if (alive != 1 || atomic_load(&process.obscure) || atomic_load(&process.alive) != 1)
        return 0;
    return is_alive(name) ? name : 0;
}

struct whose whose_now(struct worker *w)
{
    if (has_current(w))
        return w->now;
    whose_name name = atomic_load_explicit(&process.whole, memory_order_relaxed);
    if (name)
        return (struct whose){ .request = name, .confidence = CONFIDENCE_LIVE };
    if (__builtin_expect(atomic_load_explicit(&process.alive, memory_order_relaxed) == 1, 0) &&
        (name = sole()))
        return (struct whose){ .request = name, .confidence = CONFIDENCE_SOLE };
    return (struct whose){ 0 };
}

void whose_whole(whose_name request)
{
    atomic_store(&process.whole, request);
}

void whose_forget(void)
{
    atomic_store(&process.shares, false);
    atomic_store(&process.whole, 0);
    atomic_store(&process.alive, 0);
    atomic_store(&process.sum, 0);
    atomic_store(&process.obscure, 0);
}
