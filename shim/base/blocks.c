#include "base/blocks.h"

#include "base/pool.h"

struct block {
    struct pool_head head;
    uint64_t size; /* which */
    _Alignas(16) char at[];
};

_Static_assert(offsetof(struct block, at) == 32, "see BLOCK_MAX");

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

static struct pool sizes[SIZES] = {
    POOL_OF(first_512),
    POOL_OF(first_2k),
    POOL_OF(first_8k),
    POOL_OF(first_32k),
};

static atomic_bool refilling;

static size_t room_of(const struct pool *size)
{
    return size->size - sizeof(struct block);
}

/* Three quarters were in use at one time. */
static bool is_scarce(const struct pool *size)
{
    return pool_used(size) > pool_room(size) / 4 * 3;
}

static void *take_of(size_t i)
{
    uint64_t name;
    struct block *b = pool_take(&sizes[i], &name);
    if (!b)
        return NULL;
    b->size = i;
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
    if (block)
        pool_return(&sizes[block_of(block)->size], block_of(block));
}

void blocks_reserve(size_t requests)
{
    static const struct {
        unsigned part, most; /* blocks for so many requests are one; and never more than these */
    } want[SIZES] = { { 1, 65536 }, { 1, 16384 }, { 8, 4096 }, { 32, 1024 } };
    if (atomic_exchange(&refilling, true))
        return;
    for (size_t i = 0; i < SIZES; i++) {
        size_t count = 2 * requests / want[i].part;
        pool_reserve(&sizes[i], count < want[i].most ? count : want[i].most);
    }
    atomic_store(&refilling, false);
}

void blocks_refill(void)
{
    if (atomic_exchange(&refilling, true))
        return;
    for (size_t i = 0; i < SIZES; i++)
        if (is_scarce(&sizes[i]))
            pool_grow(&sizes[i], pool_room(&sizes[i]) * 3);
    atomic_store(&refilling, false);
}
