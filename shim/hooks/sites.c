#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "hooks/real.h"
#include "hooks/sites.h"

#define SITES 256 /* a power of two */
#define WAYS                                                                                       \
    8 /* places for a call site: two that often take turns must not take it from each other */

/* What one call site means, under a sequence lock: `version` is odd while it is written. */
struct site {
    atomic_uint version;
    atomic_uint family;
    atomic_uint generation;
    _Atomic(const void *) caller;
    _Atomic(const void *) copy;
};

static struct site sites[SITES];

/* The first of its WAYS places. */
static struct site *sites_of(enum hook_family family, const void *caller)
{
    uint64_t h = (uintptr_t)caller + family;
    h ^= h >> 33; /* call sites often stand at equal distances */
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 29;
    return &sites[h & (SITES - 1) & ~(WAYS - 1u)];
}

/* Who finds it being written leaves it alone: it will be looked up again. */
static void put(struct site *s, enum hook_family family, const void *caller, unsigned generation,
                const void *copy)
{
    unsigned version = atomic_load(&s->version);
    if ((version & 1) || !atomic_compare_exchange_strong(&s->version, &version, version + 1))
        return;
    atomic_store(&s->family, family);
    atomic_store(&s->generation, generation);
    atomic_store(&s->caller, caller);
    atomic_store(&s->copy, copy);
    atomic_store(&s->version, version + 2);
}

static void remember(enum hook_family family, const void *caller, unsigned generation,
                     const void *copy)
{
    static atomic_uint turn;
    struct site *first = sites_of(family, caller);
    for (unsigned i = 0; i < WAYS; i++)
        if (!atomic_load(&first[i].caller) || atomic_load(&first[i].generation) != generation) {
            put(&first[i], family, caller, generation, copy);
            return;
        }
    put(&first[atomic_fetch_add(&turn, 1) % WAYS], family, caller, generation, copy);
}

static const void *get(struct site *s, enum hook_family family, const void *caller,
                       unsigned generation)
{
    unsigned version = atomic_load_explicit(&s->version, memory_order_acquire);
    bool same = atomic_load_explicit(&s->family, memory_order_relaxed) == family &&
                atomic_load_explicit(&s->generation, memory_order_relaxed) == generation &&
                atomic_load_explicit(&s->caller, memory_order_relaxed) == caller;
    const void *copy = atomic_load_explicit(&s->copy, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    if (!same || (version & 1) || atomic_load(&s->version) != version)
        return NULL;
    return copy;
}

/* NULL: not remembered, or not of this generation. */
static const void *recall(enum hook_family family, const void *caller, unsigned generation)
{
    struct site *first = sites_of(family, caller);
    const void *copy = NULL;
    for (unsigned i = 0; i < WAYS && !copy; i++)
        if (atomic_load_explicit(&first[i].caller, memory_order_relaxed) == caller)
            copy = get(&first[i], family, caller, generation);
    return copy;
}

/* Copies are remembered for ever: states point to them. NULL: no room for one more. */
const void *sites_keep(struct copies *c, const void *copy)
{
    unsigned used = atomic_load(&c->used);
    for (unsigned i = 0; i < used && i < COPIES_MAX; i++) {
        const char *slot = c->slots + i * c->size;
        if ((atomic_load_explicit(&c->ready, memory_order_acquire) >> i & 1) &&
            memcmp(slot, copy, c->size) == 0)
            return slot;
    }
    unsigned mine = used < COPIES_MAX ? atomic_fetch_add(&c->used, 1) : COPIES_MAX;
    if (mine >= COPIES_MAX)
        return NULL;
    memcpy(c->slots + mine * c->size, copy, c->size);
    atomic_fetch_or_explicit(&c->ready, 1u << mine, memory_order_release);
    return c->slots + mine * c->size;
}

const void *sites_copy(struct copies *c, const void *caller)
{
    _Alignas(void *) char fresh[COPY_SIZE_MAX];
    unsigned generation = real_generation();
    const void *known = recall(c->family, caller, generation);
    if (known)
        return known;
    memset(fresh, 0, sizeof fresh);
    if (c->size > sizeof fresh || !c->load(fresh, caller))
        return NULL;
    const void *copy = sites_keep(c, fresh);
    if (copy)
        remember(c->family, caller, generation, copy);
    return copy;
}

bool sites_load(const struct wanted *wanted, size_t count, const void *caller)
{
    return sites_find(wanted, count, caller, real_for);
}

bool sites_find(const struct wanted *wanted, size_t count, const void *from, real_finder *find)
{
    for (size_t i = 0; i < count; i++) {
        void *found = find(from, wanted[i].name);
        if (!found && wanted[i].needed)
            return false;
        *(void **)wanted[i].where = found;
    }
    return true;
}
