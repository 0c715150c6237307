#include "base/pool.h"

#include <string.h>

#include "base/reserve.h"

#define DROPPED (1u << 31)
#define INSIDE  ((1u << 27) - 1)

/* Of a side: a call is under way; and another one came by. */
#define BUSY(side)    ((uint64_t)1 << (27 + 2 * (side)))
#define SPOILED(side) ((uint64_t)2 << (27 + 2 * (side)))

static uint32_t generation_of(uint64_t life)
{
    return (uint32_t)(life >> 32);
}

bool pool_grow(struct pool *p, size_t count)
{
    unsigned n = atomic_load(&p->segments);
    if (n == POOL_SEGMENTS || count == 0 || count > POOL_LAST / (POOL_SEGMENTS + 1))
        return false;
    char *at = reserve(count * p->size);
    if (!at)
        return false;
    p->segment[n].first = n ? p->segment[n - 1].first + p->segment[n - 1].count : POOL_FIRST;
    p->segment[n].count = (uint32_t)count;
    atomic_store_explicit(&p->segment[n].at, at, memory_order_release);
    atomic_store_explicit(&p->segments, n + 1, memory_order_release);
    return true;
}

bool pool_reserve(struct pool *p, size_t count)
{
    size_t have = pool_room(p);
    return have >= count || pool_grow(p, count - have);
}

size_t pool_room(const struct pool *p)
{
    unsigned n = atomic_load(&p->segments);
    return n ? p->segment[n - 1].first + p->segment[n - 1].count - POOL_FIRST : 0;
}

size_t pool_used(const struct pool *p)
{
    return atomic_load_explicit(&p->fresh, memory_order_relaxed);
}

/* Most objects are in the first segment, and found without looking at the others. */
static __attribute__((noinline)) struct pool_head *object_beyond(const struct pool *p,
                                                                 uint32_t index)
{
    unsigned n = atomic_load_explicit(&p->segments, memory_order_acquire);
    for (unsigned i = 0; i < n; i++) {
        uint32_t offset = index - p->segment[i].first;
        if (index >= p->segment[i].first && offset < p->segment[i].count) {
            char *at = atomic_load_explicit(&p->segment[i].at, memory_order_acquire);
            return (struct pool_head *)(void *)(at + offset * p->size);
        }
    }
    return NULL;
}

static inline struct pool_head *object_at(const struct pool *p, uint32_t index)
{
    char *at = atomic_load_explicit(&p->segment[0].at, memory_order_acquire);
    if (__builtin_expect(at && index - POOL_FIRST < p->segment[0].count, 1))
        return (struct pool_head *)(void *)(at + (index - POOL_FIRST) * p->size);
    return object_beyond(p, index);
}

static uint32_t take_unused(struct pool *p)
{
    uint64_t head = atomic_load(&p->unused);
    while ((uint32_t)head) {
        const struct pool_head *o = object_at(p, (uint32_t)head);
        uint64_t next = ((head >> 32) + 1) << 32 | atomic_load(&o->next);
        if (atomic_compare_exchange_weak(&p->unused, &head, next))
            return (uint32_t)head;
    }
    return 0;
}

static uint32_t take_fresh(struct pool *p)
{
    unsigned at = atomic_load(&p->fresh);
    while (at < pool_room(p))
        if (atomic_compare_exchange_weak(&p->fresh, &at, at + 1))
            return at + POOL_FIRST;
    return 0;
}

/* What was never used is not looked at: memory that is read before it is written to is a page fault
 * more. */
void *pool_take(struct pool *p, uint64_t *name)
{
    uint32_t index = take_unused(p);
    const bool fresh = !index;
    if (fresh && !(index = take_fresh(p)))
        return NULL;
    struct pool_head *o = object_at(p, index);
    uint32_t generation = fresh ? 1 : generation_of(atomic_load(&o->life)) + 1;
    if (p->zeroed > sizeof *o)
        memset(o + 1, 0, p->zeroed - sizeof *o);
    atomic_store_explicit(&o->names, 1, memory_order_relaxed);
    atomic_store_explicit(&o->next, index, memory_order_relaxed);
    if (generation == 0)
        generation = 1;
    atomic_store_explicit(&o->life, (uint64_t)generation << 32, memory_order_release);
    *name = (uint64_t)generation << 32 | index;
    return o;
}

static void give_back(struct pool *p, struct pool_head *o)
{
    uint32_t index = atomic_load_explicit(&o->next, memory_order_relaxed);
    uint64_t head = atomic_load(&p->unused), next;
    if (p->emptied)
        p->emptied(o);
    do {
        atomic_store_explicit(&o->next, (uint32_t)head, memory_order_relaxed);
        next = ((head >> 32) + 1) << 32 | index;
    } while (!atomic_compare_exchange_weak(&p->unused, &head, next));
}

static inline bool is_alive(uint64_t life, uint64_t name)
{
    return generation_of(life) == generation_of(name) && !(life & DROPPED);
}

void *pool_peek(const struct pool *p, uint64_t name)
{
    struct pool_head *o = object_at(p, (uint32_t)name);
    uint64_t life = o ? atomic_load_explicit(&o->life, memory_order_acquire) : 0;
    return is_alive(life, name) ? o : NULL;
}

#define TAKEN(side) (BUSY(side) | SPOILED(side))

static inline uint64_t take_side(uint64_t life, enum pool_side side)
{
    return life | (life & TAKEN(side) ? SPOILED(side) : BUSY(side));
}

/* *before: the life that it had. */
static inline struct pool_head *enter(const struct pool *p, uint64_t name, bool sided,
                                      enum pool_side side, uint64_t *before)
{
    struct pool_head *o = object_at(p, (uint32_t)name);
    if (!o)
        return NULL;
    uint64_t life = atomic_load_explicit(&o->life, memory_order_acquire);
    do {
        if (!is_alive(life, name))
            return NULL;
    } while (
        !atomic_compare_exchange_weak(&o->life, &life, (sided ? take_side(life, side) : life) + 1));
    *before = life;
    return o;
}

void *pool_enter(struct pool *p, uint64_t name)
{
    uint64_t before;
    return enter(p, name, false, SIDE_OUT, &before);
}

void *pool_enter_side(struct pool *p, uint64_t name, enum pool_side side, bool *mine)
{
    uint64_t before;
    struct pool_head *o = enter(p, name, true, side, &before);
    *mine = o && !(before & TAKEN(side));
    return o;
}

static void left(struct pool *p, struct pool_head *o, uint64_t now)
{
    if ((now & DROPPED) && (now & INSIDE) == 0)
        give_back(p, o);
}

void pool_leave(struct pool *p, void *object)
{
    struct pool_head *o = object;
    left(p, o, atomic_fetch_sub(&o->life, 1) - 1);
}

bool pool_leave_side(struct pool *p, void *object, enum pool_side side)
{
    struct pool_head *o = object;
    uint64_t life = atomic_load_explicit(&o->life, memory_order_relaxed), next;
    do {
        if (life & SPOILED(side))
            return false;
        next = (life & ~BUSY(side)) - 1;
    } while (!atomic_compare_exchange_weak(&o->life, &life, next));
    left(p, o, next);
    return true;
}

bool pool_share(struct pool *p, uint64_t name)
{
    struct pool_head *o = pool_enter(p, name);
    if (!o)
        return false;
    atomic_fetch_add(&o->names, 1);
    pool_leave(p, o);
    return true;
}

/* A name that is somebody's keeps the object from being handed out anew. */
void pool_drop(struct pool *p, uint64_t name)
{
    struct pool_head *o = pool_peek(p, name);
    if (!o || atomic_fetch_sub(&o->names, 1) != 1)
        return;
    if ((atomic_fetch_or(&o->life, DROPPED) & INSIDE) == 0)
        give_back(p, o);
}

void pool_return(struct pool *p, void *object)
{
    struct pool_head *o = object;
    uint64_t life = atomic_load_explicit(&o->life, memory_order_relaxed);
    atomic_store_explicit(&o->life, life | DROPPED, memory_order_relaxed);
    give_back(p, o);
}
