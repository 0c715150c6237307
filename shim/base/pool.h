/* A pool of equal objects in reserved memory: lock-free and async-signal-safe to take from and to
 * give back to, never freed, so that a stale name of an object is found out and not followed.
 *
 * An object is named by generation << 32 | index (POOL_FIRST <= index < POOL_LAST). While somebody
 * is inside of it (pool_enter), it is not given to anybody else, even if it is dropped meanwhile.
 *
 * It has two sides (sending, receiving), each of which is used by one call at a time, and nobody
 * waits: who finds another call under way spoils the side for as long as the object lives, even if
 * that call never comes back, and what was known of it is given up. */
#ifndef BELLHOP_BASE_POOL_H
#define BELLHOP_BASE_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POOL_SEGMENTS 4
#define POOL_FIRST    8          /* smaller indices name no object, and */
#define POOL_LAST     (1u << 30) /* the bits above are others' to use: see fdtable.h */

/* Every object begins with this. */
struct pool_head {
    _Atomic(uint64_t) life; /* generation << 32 | dropped << 31 | sides << 27 | how many inside */
    atomic_uint names;      /* descriptors, sessions: at zero it is dropped */
    atomic_uint next;       /* of the free list; of an object in use, its own index */
};

struct pool {
    size_t size;                   /* of one object */
    size_t zeroed;                 /* of which so many are zeroed when it is handed out */
    void (*emptied)(void *object); /* called before an object goes to the free list */
    struct {
        _Atomic(char *) at;
        uint32_t first, count; /* indices */
    } segment[POOL_SEGMENTS];
    atomic_uint segments;
    atomic_uint fresh;        /* the next index never used; 0: from the first segment's start */
    _Atomic(uint64_t) unused; /* free list: tag << 32 | index */
};

/* Room for the first `count` objects in static storage of the caller; only before any other use. */
#define POOL_OVER(storage, type)                                                                   \
    .size = sizeof(type),                                                                          \
    .segment = { { .at = (char *)(storage),                                                        \
                   .first = POOL_FIRST,                                                            \
                   .count = sizeof(storage) / sizeof(type) } },                                    \
    .segments = 1

/* Room for `count` more objects. Not for signal handlers. False: no memory, or too many segments.
 */
bool pool_grow(struct pool *p, size_t count);
size_t pool_room(const struct pool *p); /* objects, used or not */
size_t pool_used(const struct pool *p); /* so many were in use at one time */

/* Room for `count` objects in all; as pool_grow. */
bool pool_reserve(struct pool *p, size_t count);

/* An object with one name, its first `zeroed` bytes zero but for its head; NULL: the pool is
 * exhausted. */
void *pool_take(struct pool *p, uint64_t *name);

/* One name more, one less, the latter of who has one. A name that is not alive any more does
 * nothing. */
bool pool_share(struct pool *p, uint64_t name);
void pool_drop(struct pool *p, uint64_t name);

/* The object of a name, if it is alive at this moment; NULL: it is not. Nothing keeps it so: only
 * what is atomic and not zeroed may be read in it, and means something if it is still alive
 * afterwards. */
void *pool_peek(const struct pool *p, uint64_t name);

static inline bool pool_is_alive(const struct pool *p, uint64_t name)
{
    return pool_peek(p, name) != NULL;
}

/* Drops an object of which only the caller knows the name: it needs no care for others. */
void pool_return(struct pool *p, void *object);

/* The object of a name, kept from reuse until pool_leave; NULL: it is not alive any more. */
void *pool_enter(struct pool *p, uint64_t name);
void pool_leave(struct pool *p, void *object);

enum pool_side { SIDE_OUT, SIDE_IN };

/* pool_enter, with one of the sides. *mine: it was free; else it is spoiled. */
void *pool_enter_side(struct pool *p, uint64_t name, enum pool_side side, bool *mine);

/* Gives a side that is the caller's back, and leaves. False: somebody else came by meanwhile, so
 * that it is spoiled, and the caller is still inside. */
bool pool_leave_side(struct pool *p, void *object, enum pool_side side);

/* Leaves after pool_enter_side, whatever became of the side. */
static inline void pool_leave_sided(struct pool *p, void *object, enum pool_side side, bool mine)
{
    if (!mine || !pool_leave_side(p, object, side))
        pool_leave(p, object);
}

#endif
