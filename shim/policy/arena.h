/* Memory that is taken piece by piece and given back as a whole: what a policy is made of. Pieces
 * never move. Not for hooks: this allocates. */
#ifndef BELLHOP_POLICY_ARENA_H
#define BELLHOP_POLICY_ARENA_H

#include "base/span.h"

struct arena_chunk;

/* All zero is an empty one. */
struct arena {
    struct arena_chunk *last;
};

/* Zeroed bytes, aligned for any type, valid until arena_free; NULL: no memory. */
void *arena_take(struct arena *a, size_t bytes);

/* A copy of the bytes; of none, an empty span that is not NULL. `at` is NULL: no memory. */
struct span arena_copy(struct arena *a, struct span s);

void arena_free(struct arena *a);

/* Items of one type that grow in number; `at` moves while they do. */
struct array {
    void *at;
    size_t count, room;
};

/* Room for one item more after the last, zeroed and not counted yet; NULL: no memory. */
void *array_more(struct array *a, size_t item);

/* Moves the items into the arena, to stay, and frees the array; NULL: no memory (the array stays).
 */
void *array_settle(struct array *a, size_t item, struct arena *to);

#endif
