/* R4, R5: outbound connections. */
#include "context/whose_outlets.h"

#include "context/whose_state.h"

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
    w->now_on = whose_process.world.request_inlet(owner);
}

/* The first request after the connect is its owner's. A dedicated thread writes its own on what was
 * connected for nobody, or for who is over; otherwise it may be a fiber's, whose thread was another
 * one when it connected, or a spare one of a pool's, and is nobody's. Of a thread that is less, one
 * that nobody is known to have connected for may be anybody's. */
static void resume_first(struct worker *w, const struct outlet_mark *m)
{
    whose_name owner = atomic_load_explicit(&m->owner, memory_order_acquire);
    bool current = has_current(w), live = current && w->now.confidence == CONFIDENCE_LIVE;
    if (current && w->now.request == owner)
        return;
    if (is_alive(owner) ? live : current && !live)
        suspend(w);
    else if (is_alive(owner))
        resume(w, m, owner);
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

/* It works for what it read itself, live or but for pipelining. Not a thread that goes on with
 * whatever is answered, nor one that a request made: it may be there to read for all. */
static bool is_handler(const struct worker *w)
{
    return (w->now.confidence >= CONFIDENCE_IMMEDIATE && !w->loops) ||
           (w->mine && is_alive(w->mine));
}

/* It reads what another request waits for: the next that reads there may do it for this one. A
 * handler has others' answers in its hands, then. It may go on with them, or leave them in memory
 * to the next thread, of which nothing would be seen. */
static void reads_others(const struct worker *w, struct outlet_mark *m, bool counted)
{
    if (!counted)
        atomic_store_explicit(&m->mixed, true, memory_order_relaxed);
    if (is_handler(w))
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
