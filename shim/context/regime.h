/* What settings make of this process: a policy, and all that follows from it. One regime is in
 * force; those before it stay as long as somebody goes by them. They stand in static memory, so
 * that one that is gone may still be asked whether it is.
 *
 * Whoever decides something takes the regime in force once, and goes by it to the end. What is kept
 * for longer holds a context (context/context.h), and by that the regime that it was made under. */
#ifndef BELLHOP_CONTEXT_REGIME_H
#define BELLHOP_CONTEXT_REGIME_H

#include <stdatomic.h>

#include "policy/policy.h"

struct context;

/* So many regimes may be there at a time, that of the start not counted. When all are held, what an
 * agent hands over is not taken until one of them is free. */
#define REGIMES 8

struct regime {
    atomic_uint holders;
    bool fixed;      /* of the start: never goes, so nobody is counted */
    bool off;        /* settings leave this program alone: nothing is carried */
    bool wants_line; /* policy asks for the targets of requests */
    enum confidence least;
    uint32_t forwarded;             /* fields of the watch */
    uint64_t number;                /* no other regime of this process had it */
    uint64_t generation;            /* of the settings of an agent; 0: of the start */
    const struct policy *policy;    /* NULL: none */
    const struct http_watch *watch; /* never NULL */
    struct context *own;            /* the sources of the process, without any thread's */
    char *room;                     /* of the policy; LIMIT_IMAGE + IMAGE_ROOM bytes */
};

/* Memory for them, which costs nothing until it is used; false: there is none. Called once, at
 * start. */
bool regimes_reserve(void);

/* Puts a fixed one in force; no other thread may be there yet. */
void regime_start(struct regime *r);

/* The regime in force, held: never NULL after regime_start, and before that, of no policy.
 * Async-signal-safe, as all that follows. */
struct regime *regime_take(void);

static inline void regime_hold(struct regime *r)
{
    if (!r->fixed)
        atomic_fetch_add_explicit(&r->holders, 1, memory_order_relaxed);
}

static inline void regime_drop(struct regime *r)
{
    if (!r->fixed)
        atomic_fetch_sub_explicit(&r->holders, 1, memory_order_acq_rel);
}

/* One that nobody goes by, with its room, for the caller alone; all but `number` and `room` is what
 * it was when it was in force, `own` included. NULL: there is none. */
struct regime *regime_begin(void);

/* Puts it in force in the place of `before`, which the caller holds. False: another one has taken
 * that place, and *r is free again. */
bool regime_publish(struct regime *r, struct regime *before);

/* Another one may be by the time that this returns. */
bool regime_is_in_force(const struct regime *r);

/* It does not get that far. */
void regime_abandon(struct regime *r);

#endif
