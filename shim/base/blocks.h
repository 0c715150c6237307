/* Memory for hooks that may not allocate: blocks of a few sizes out of reserved memory, lock-free
 * and async-signal-safe to take and to give back. */
#ifndef BELLHOP_BASE_BLOCKS_H
#define BELLHOP_BASE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

/* The most that one block holds. */
#define BLOCK_MAX (32768 - 32)

/* At least so many bytes, aligned for anything; not zeroed. NULL: more than BLOCK_MAX, or none is
 * left, also of a larger size. */
void *block_take(size_t bytes);

/* How many bytes a block holds. */
size_t block_room(const void *block);

/* NULL is fine. */
void block_give(void *block);

/* Reserves what so many requests at a time usually take; may be called with more, twice. Not for
 * signal handlers. */
void blocks_reserve(size_t requests);

/* Makes more where few are left. Not for signal handlers. */
void blocks_refill(void);

#endif
