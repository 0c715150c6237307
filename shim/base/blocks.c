#include "base/blocks.h"

#include "base/hot.h"
#include "base/pool.h"

struct block {
    struct pool_head head;
    uint64_t name;
    uint64_t size; /* which */
    char at[];
};

_Static_assert(sizeof(struct block) == 32, "see BLOCK_MAX");

/* Static memory costs nothing until it is used. */
#define SIZES 4
static _Alignas(16) char first_512[1024][512];
static _Alignas(16) char first_2k[256][2048];
static _Alignas(16) char first_8k[64][8192];
static _Alignas(16) char first_32k[16][32768];

#define POOL_OF(storage)                                                                           \
    {                                                                                              \
        .size = sizeof *(storage), .segments = 1, .segment = {                                     \
            { .at = (char *)(storage),                                                             \
              .first = POOL_FIRST,                                                                 \
              .count = sizeof(storage) / sizeof *(storage) }                                       \
        }                                                                                          \
    }

static struct size {
    struct pool pool;
    atomic_uint taken;
} sizes[SIZES] = {
    { .pool = POOL_OF(first_512) },
    { .pool = POOL_OF(first_2k) },
    { .pool = POOL_OF(first_8k) },
    { .pool = POOL_OF(first_32k) },
};

static atomic_bool refilling;
static HOT atomic_bool scarce; /* some size is three quarters taken */

static size_t room_of(const struct size *s)
{
    return s->pool.size - sizeof(struct block);
}

static void *take_of(size_t i)
{
    struct size *s = &sizes[i];
    uint64_t name;
    struct block *b = pool_take(&s->pool, &name);
    if (!b) {
        atomic_store_explicit(&scarce, true, memory_order_relaxed);
        return NULL;
    }
    b->name = name;
    b->size = i;
    unsigned taken = atomic_fetch_add_explicit(&s->taken, 1, memory_order_relaxed) + 1;
    if (taken > pool_room(&s->pool) / 4 * 3)
        atomic_store_explicit(&scarce, true, memory_order_relaxed);
    return b->at;
}

void *block_take(size_t bytes)
{
    void *block = NULL;
    for (size_t i = 0; i < SIZES && !block; i++)
        if (bytes <= room_of(&sizes[i]))
            block = take_of(i);
    return block;
}

static struct block *block_of(const void *block)
{
    return (struct block *)(void *)((char *)(uintptr_t)block - offsetof(struct block, at));
}

size_t block_room(const void *block)
{
    return room_of(&sizes[block_of(block)->size]);
}

void block_give(void *block)
{
    if (!block)
        return;
    struct block *b = block_of(block);
    struct size *s = &sizes[b->size];
    atomic_fetch_sub_explicit(&s->taken, 1, memory_order_relaxed);
    pool_drop(&s->pool, b->name);
}

void blocks_refill(void)
{
    if (__builtin_expect(!atomic_load_explicit(&scarce, memory_order_relaxed), 1))
        return;
    if (atomic_exchange(&refilling, true))
        return;
    atomic_store(&scarce, false);
    for (size_t i = 0; i < SIZES; i++) {
        size_t room = pool_room(&sizes[i].pool);
        if (atomic_load(&sizes[i].taken) > room / 4 * 3)
            pool_grow(&sizes[i].pool, room * 3);
    }
    atomic_store(&refilling, false);
}
