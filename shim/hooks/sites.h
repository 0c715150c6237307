/* Which copy of an optional library a call site means: found once, remembered until an object may
 * have gone. Lock-free. */
#ifndef BELLHOP_HOOKS_SITES_H
#define BELLHOP_HOOKS_SITES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "hooks/table.h"

/* One real function to be found: `where` gets it. */
struct wanted {
    const char *name;
    void *where;
    bool needed; /* without it there is no such library */
};

/* How a family keeps its copies: COPIES_MAX slots of `size` bytes (at most COPY_SIZE_MAX). A copy
 * is nothing but its real functions, so that its bytes tell it from another. */
#define COPY_SIZE_MAX 512
struct copies {
    enum hook_family family;
    size_t size;
    char *slots;
    bool (*load)(void *copy, const void *caller); /* into zeroed memory */
    atomic_uint used;
    atomic_uint ready; /* a bit a slot */
};

#define COPIES_MAX 8

/* Finds each by real_for. False: one that is needed is not there. */
bool sites_load(const struct wanted *wanted, size_t count, const void *caller);

/* As sites_load, by another way of finding: real_for or real_beside. */
typedef void *real_finder(const void *from, const char *name);
bool sites_find(const struct wanted *wanted, size_t count, const void *from, real_finder *find);

/* Where the same copy is kept, from now on; NULL: no room for one more. */
const void *sites_keep(struct copies *c, const void *copy);

/* The copy that a call from `caller` would reach without us; NULL: none. Lives for ever. */
const void *sites_copy(struct copies *c, const void *caller);

#endif
