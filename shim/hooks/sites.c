#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hooks/real.h"
#include "hooks/sites.h"

#define SITES      256  /* a power of two */
#define SITES_EVER 4096 /* replaced ones are not freed, as somebody may be reading them */

struct site {
    const void *caller;
    enum hook_family family;
    unsigned generation;
    const void *copy;
};

static _Atomic(struct site *) sites[SITES];
static atomic_uint sites_made;

static _Atomic(struct site *) *slot_of(enum hook_family family, const void *caller)
{
    uint64_t h = ((uintptr_t)caller + family) * 0x9e3779b97f4a7c15ULL;
    return &sites[h >> 56 & (SITES - 1)];
}

static void remember(enum hook_family family, const void *caller, unsigned generation,
                     const void *copy)
{
    struct site *site;
    if (atomic_fetch_add(&sites_made, 1) >= SITES_EVER || !(site = malloc(sizeof *site)))
        return;
    *site = (struct site){ caller, family, generation, copy };
    atomic_store_explicit(slot_of(family, caller), site, memory_order_release);
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
    _Alignas(void *) char fresh[256];
    unsigned generation = real_generation();
    const struct site *site =
        atomic_load_explicit(slot_of(c->family, caller), memory_order_acquire);
    if (site && site->caller == caller && site->family == c->family &&
        site->generation == generation)
        return site->copy;
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
