#include "base/ptrmap.h"

#include <stdlib.h>

enum { SLOT_FREE, SLOT_REMOVED, SLOT_FILLING };

/* A key stands within this many slots of its place in a segment, or in a later segment: a look-up
 * is bounded, however the map was used before. */
#define PROBES 16

static size_t place(const void *key)
{
    uint64_t h = (uintptr_t)key;
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 29;
    return (size_t)h;
}

static struct ptrmap_slot *segment(struct ptrmap *map, unsigned i, size_t *slots)
{
    *slots = (size_t)PTRMAP_FIRST << (2 * i);
    return i == 0 ? map->first : atomic_load_explicit(&map->more[i - 1], memory_order_acquire);
}

static struct ptrmap_slot *find(struct ptrmap *map, const void *key)
{
    size_t at = place(key), slots;
    for (unsigned i = 0; i < PTRMAP_SEGMENTS; i++) {
        struct ptrmap_slot *s = segment(map, i, &slots);
        if (!s)
            return NULL;
        for (size_t p = 0; p < PROBES; p++) {
            struct ptrmap_slot *slot = &s[(at + p) & (slots - 1)];
            uintptr_t k = atomic_load_explicit(&slot->key, memory_order_acquire);
            if (k == (uintptr_t)key)
                return slot;
            if (k == SLOT_FREE) /* slots never become free again: it would have been put here */
                return NULL;
        }
    }
    return NULL;
}

static struct ptrmap_slot *claim(struct ptrmap_slot *s, size_t slots, size_t at)
{
    for (size_t p = 0; p < PROBES; p++) {
        struct ptrmap_slot *slot = &s[(at + p) & (slots - 1)];
        uintptr_t k = atomic_load_explicit(&slot->key, memory_order_relaxed);
        while (k == SLOT_FREE || k == SLOT_REMOVED)
            if (atomic_compare_exchange_weak(&slot->key, &k, SLOT_FILLING))
                return slot;
    }
    return NULL;
}

static struct ptrmap_slot *segment_make(struct ptrmap *map, unsigned i, size_t slots)
{
    struct ptrmap_slot *fresh = calloc(slots, sizeof *fresh), *seen = NULL;
    if (!fresh)
        return NULL;
    if (atomic_compare_exchange_strong(&map->more[i - 1], &seen, fresh))
        return fresh;
    free(fresh);
    return seen;
}

bool ptrmap_put(struct ptrmap *map, const void *key, void *value)
{
    struct ptrmap_slot *slot = find(map, key);
    size_t slots;
    if (slot) {
        atomic_store_explicit(&slot->value, value, memory_order_release);
        return true;
    }
    for (unsigned i = 0; i < PTRMAP_SEGMENTS; i++) {
        struct ptrmap_slot *s = segment(map, i, &slots);
        if (!s && !(s = segment_make(map, i, slots)))
            return false;
        slot = claim(s, slots, place(key));
        if (!slot)
            continue;
        atomic_store_explicit(&slot->value, value, memory_order_relaxed);
        atomic_store_explicit(&slot->key, (uintptr_t)key, memory_order_release);
        return true;
    }
    return false;
}

void *ptrmap_get(struct ptrmap *map, const void *key)
{
    struct ptrmap_slot *slot = find(map, key);
    return slot ? atomic_load_explicit(&slot->value, memory_order_acquire) : NULL;
}

void *ptrmap_take(struct ptrmap *map, const void *key)
{
    struct ptrmap_slot *slot = find(map, key);
    if (!slot)
        return NULL;
    void *value = atomic_exchange(&slot->value, NULL);
    atomic_store_explicit(&slot->key, SLOT_REMOVED, memory_order_release);
    return value;
}
