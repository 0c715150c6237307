/* A map from pointers (library handles) to states of ours. Lock-free, async-signal-safe and
 * fork-safe to look up, insert and remove: open addressing in segments that are never freed.
 *
 * A key is used by one thread at a time, as the libraries ask for their handles; different keys may
 * be looked up, inserted and removed by any threads at any moment. */
#ifndef BELLHOP_BASE_PTRMAP_H
#define BELLHOP_BASE_PTRMAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define PTRMAP_FIRST                                                                               \
    64 /* slots of segment 0, which needs no allocation; each next is 4 times it                   \
        */
#define PTRMAP_SEGMENTS 10

struct ptrmap_slot {
    _Atomic(uintptr_t) key; /* 0: never used; 1: removed; 2: being filled */
    _Atomic(void *) value;
};

struct ptrmap {
    struct ptrmap_slot first[PTRMAP_FIRST];
    _Atomic(struct ptrmap_slot *) more[PTRMAP_SEGMENTS - 1];
};

/* The state of `key`, or NULL. Touches no memory but the slots: never a freed state. */
void *ptrmap_get(struct ptrmap *map, const void *key);

/* Sets the state of `key`. May allocate. False: no memory or the map is full; nothing changed. */
bool ptrmap_put(struct ptrmap *map, const void *key, void *value);

/* Forgets `key` and returns the state that it had, which is the caller's again, or NULL. */
void *ptrmap_take(struct ptrmap *map, const void *key);

#endif
