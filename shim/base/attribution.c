#include "base/attribution.h"

#include <errno.h>

#include "base/counters.h"

#define REPLACING ((uint64_t)1 << 31)
#define ADDING    (REPLACING - 1)
#define TRIES     8

static uint64_t hash_more(uint64_t hash, struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.at[i]) * 0x100000001b3u; /* FNV-1a */
    return hash;
}

static uint64_t hash_of(struct span key, struct span value)
{
    uint64_t hash = hash_more(0xcbf29ce484222325u, key);
    hash = hash_more(hash, SPAN("="));
    hash = hash_more(hash, value);
    hash ^= hash >> 32;
    return hash ? hash : 1;
}

/* Keeps the slot from being replaced, if it is this value's. */
static bool enter(struct attribution_slot *slot, uint64_t hash)
{
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_acquire);
    for (int i = 0; i < TRIES; i++) {
        if (state & REPLACING || (state & ADDING) == ADDING ||
            atomic_load_explicit(&slot->hash, memory_order_relaxed) != hash)
            return false;
        /* The generation in the state says that the hash is still the one that was read. */
        if (atomic_compare_exchange_weak_explicit(&slot->state, &state, state + 1,
                                                  memory_order_acq_rel, memory_order_acquire))
            return true;
    }
    return false;
}

static void leave(struct attribution_slot *slot)
{
    atomic_fetch_sub_explicit(&slot->state, 1, memory_order_release);
}

static void put_text(struct attribution_slot *slot, struct span key, struct span value)
{
    char text[ATTRIBUTION_TEXT] = { 0 };
    size_t len = key.len < sizeof text - 2 ? key.len : sizeof text - 2;
    size_t rest = sizeof text - 2 - len;
    memcpy(text, key.at, len);
    text[len++] = '=';
    if (value.len)
        memcpy(text + len, value.at, value.len < rest ? value.len : rest);
    for (size_t i = 0; i < ATTRIBUTION_WORDS; i++) {
        uint64_t word;
        memcpy(&word, text + 8 * i, 8);
        atomic_store_explicit(&slot->text[i], word, memory_order_relaxed);
    }
}

/* Takes the slot for another value; false: somebody is in it. Its sums start at zero. */
static bool replace(struct attribution *to, struct attribution_slot *slot, uint64_t hash,
                    struct span key, struct span value)
{
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_acquire);
    if (state & (REPLACING | ADDING) ||
        !atomic_compare_exchange_strong(&slot->state, &state, state | REPLACING))
        return false;
    for (int i = 0; i < ATTRIBUTED_KINDS; i++) {
        uint64_t had = atomic_exchange_explicit(&slot->sum[i], 0, memory_order_relaxed);
        if (had)
            atomic_fetch_add_explicit(&to->other[i], had, memory_order_relaxed);
    }
    put_text(slot, key, value);
    atomic_store_explicit(&slot->hash, hash, memory_order_relaxed);
    atomic_store_explicit(&slot->state, ((state >> 32) + 1) << 32 | 1, memory_order_release);
    return true;
}

/* An empty slot's rank is zero, and no other's is. */
static struct attribution_slot *lowest(struct attribution_slot *set)
{
    struct attribution_slot *low = set;
    for (int i = 1; i < ATTRIBUTION_WAYS; i++)
        if (atomic_load_explicit(&set[i].rank, memory_order_relaxed) <
            atomic_load_explicit(&low->rank, memory_order_relaxed))
            low = &set[i];
    return low;
}

/* The value's slot, entered; NULL: none to be had. */
static struct attribution_slot *slot_for(struct attribution *to, struct span key, struct span value)
{
    uint64_t hash = hash_of(key, value);
    struct attribution_slot *set = to->slot[hash % ATTRIBUTION_SETS];
    for (int i = 0; i < ATTRIBUTION_WAYS; i++)
        if (enter(&set[i], hash))
            return &set[i];
    struct attribution_slot *low = lowest(set);
    return replace(to, low, hash, key, value) ? low : NULL;
}

void attribution_add(struct attribution *to, struct span key, struct span value, bool out,
                     uint64_t bytes)
{
    int kind = out ? ATTRIBUTED_OUT : ATTRIBUTED_IN;
    struct attribution_slot *slot = slot_for(to, key, value);
    _Atomic(uint64_t) *sum = slot ? slot->sum : to->other;
    atomic_fetch_add_explicit(&sum[kind], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&sum[kind + 1], bytes, memory_order_relaxed);
    if (!slot)
        return;
    atomic_fetch_add_explicit(&slot->rank, 1, memory_order_relaxed);
    leave(slot);
}

void attribute(struct span key, struct span value, bool out, uint64_t bytes)
{
    struct attachment *a = attachment_now();
    struct attribution *to = a ? atomic_load_explicit(&a->attribution, memory_order_acquire) : NULL;
    if (!to)
        return;
    count(COUNT_attributions); /* without which the agent does not look at the table */
    attribution_add(to, key, value, out, bytes);
}

int attribution_read(const struct attribution_slot *slot, char *text, uint64_t *sum)
{
    uint64_t before = atomic_load_explicit(&slot->state, memory_order_acquire);
    if (!atomic_load_explicit(&slot->hash, memory_order_acquire))
        return -ENOENT;
    for (size_t i = 0; i < ATTRIBUTION_WORDS; i++) {
        uint64_t word = atomic_load_explicit(&slot->text[i], memory_order_acquire);
        memcpy(text + 8 * i, &word, 8);
    }
    for (int i = 0; i < ATTRIBUTED_KINDS; i++)
        sum[i] = atomic_load_explicit(&slot->sum[i], memory_order_acquire);
    text[ATTRIBUTION_TEXT - 1] = 0;
    uint64_t after = atomic_load_explicit(&slot->state, memory_order_acquire);
    return before & REPLACING || before >> 31 != after >> 31 ? -EAGAIN : 0;
}
