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

struct text {
    uint64_t word[ATTRIBUTION_WORDS];
};

/* "key=value", cut where the slot ends. */
static struct text text_of(struct span key, struct span value)
{
    struct text t = { { 0 } };
    char *text = (char *)t.word;
    size_t len = key.len < sizeof t - 2 ? key.len : sizeof t - 2;
    size_t rest = sizeof t - 2 - len;
    memcpy(text, key.at, len);
    text[len++] = '=';
    if (value.len)
        memcpy(text + len, value.at, value.len < rest ? value.len : rest);
    return t;
}

/* Takes the slot for another value; false: somebody is in it. Its sums start at zero. */
static bool replace(struct attribution *to, struct attribution_slot *slot, uint64_t hash,
                    const struct text *text)
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
    for (size_t i = 0; i < ATTRIBUTION_WORDS; i++)
        atomic_store_explicit(&slot->text[i], text->word[i], memory_order_relaxed);
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

/* The value's slot if it has one, entered; NULL: it has none. */
static struct attribution_slot *find(struct attribution *to, uint64_t hash)
{
    struct attribution_slot *set = to->slot[hash % ATTRIBUTION_SETS];
    for (int i = 0; i < ATTRIBUTION_WAYS; i++)
        if (enter(&set[i], hash))
            return &set[i];
    return NULL;
}

/* The same, in the place of another value if need be; NULL: none to be had. */
static struct attribution_slot *slot_for(struct attribution *to, uint64_t hash,
                                         const struct text *text)
{
    struct attribution_slot *slot = find(to, hash);
    if (slot)
        return slot;
    slot = lowest(to->slot[hash % ATTRIBUTION_SETS]);
    return replace(to, slot, hash, text) ? slot : NULL;
}

static struct attribution_slot *slot_of(struct attribution *to, struct span key, struct span value)
{
    uint64_t hash = hash_of(key, value);
    struct attribution_slot *slot = find(to, hash);
    if (slot)
        return slot;
    struct text text = text_of(key, value);
    return slot_for(to, hash, &text);
}

static void add(_Atomic(uint64_t) *sum, enum attributed of, uint64_t n)
{
    atomic_fetch_add_explicit(&sum[of], n, memory_order_relaxed);
}

void attribution_add(struct attribution *to, struct span key, struct span value, bool out,
                     uint64_t bytes)
{
    enum attributed of = out ? ATTRIBUTED_OUT : ATTRIBUTED_IN;
    struct attribution_slot *slot = slot_of(to, key, value);
    _Atomic(uint64_t) *sum = slot ? slot->sum : to->other;
    add(sum, of, 1);
    add(sum, of + 1, bytes);
    if (!slot)
        return;
    atomic_fetch_add_explicit(&slot->rank, 1, memory_order_relaxed);
    leave(slot);
}

/* --- by tickets: attachment << 40 | slot << 32 | generation, which is 0 for `other` ----------- */

static uint64_t attachment_bits(const struct attachment *a)
{
    return atomic_load_explicit(&a->number, memory_order_acquire) << 40;
}

static uint64_t generation_of(const struct attribution_slot *slot)
{
    return atomic_load_explicit(&slot->state, memory_order_relaxed) >> 32;
}

attribution_ticket attribute(struct span key, struct span value, enum attributed of)
{
    struct attachment *a = attachment_now();
    struct attribution *to = a ? atomic_load_explicit(&a->attribution, memory_order_acquire) : NULL;
    if (!to)
        return 0;
    uint64_t ticket = attachment_bits(a);
    count(COUNT_attributions); /* without which the agent does not look at the table */
    struct attribution_slot *slot = slot_of(to, key, value);
    if (!slot) {
        add(to->other, of, 1);
        return ticket;
    }
    add(slot->sum, of, 1);
    atomic_fetch_add_explicit(&slot->rank, 1, memory_order_relaxed);
    ticket |= (uint64_t)(slot - to->slot[0]) << 32 | (generation_of(slot) & UINT32_MAX);
    leave(slot);
    return ticket;
}

/* Keeps the slot from being replaced, if it was not since. */
static bool enter_again(struct attribution_slot *slot, uint64_t generation)
{
    if (generation == 0 || (generation_of(slot) & UINT32_MAX) != generation ||
        !enter(slot, atomic_load_explicit(&slot->hash, memory_order_relaxed)))
        return false;
    if ((generation_of(slot) & UINT32_MAX) == generation)
        return true;
    leave(slot);
    return false;
}

void attribute_bytes(attribution_ticket ticket, enum attributed of, uint64_t bytes)
{
    struct attachment *a = ticket && bytes ? attachment_now() : NULL;
    struct attribution *to = a ? atomic_load_explicit(&a->attribution, memory_order_acquire) : NULL;
    if (!to || attachment_bits(a) != ticket >> 40 << 40)
        return;
    struct attribution_slot *slot = &to->slot[0][ticket >> 32 & 0xff];
    if (!enter_again(slot, ticket & UINT32_MAX)) {
        add(to->other, of, bytes);
        return;
    }
    add(slot->sum, of, bytes);
    leave(slot);
}

/* --- for who reads ---------------------------------------------------------------------------- */

static uint64_t take_sums(struct attribution_slot *slot, uint64_t *sum)
{
    uint64_t any = 0;
    for (int i = 0; i < ATTRIBUTED_KINDS; i++)
        any |= atomic_load_explicit(&slot->sum[i], memory_order_relaxed);
    for (int i = 0; any && i < ATTRIBUTED_KINDS; i++)
        sum[i] = atomic_exchange_explicit(&slot->sum[i], 0, memory_order_acq_rel);
    return any;
}

int attribution_take(struct attribution_slot *slot, char *text, uint64_t *sum)
{
    uint64_t before = atomic_load_explicit(&slot->state, memory_order_acquire);
    if (!atomic_load_explicit(&slot->hash, memory_order_acquire))
        return -ENOENT;
    for (size_t i = 0; i < ATTRIBUTION_WORDS; i++) {
        uint64_t word = atomic_load_explicit(&slot->text[i], memory_order_acquire);
        memcpy(text + 8 * i, &word, 8);
    }
    text[ATTRIBUTION_TEXT - 1] = 0;
    if (!take_sums(slot, sum))
        return -ENOENT;
    uint64_t after = atomic_load_explicit(&slot->state, memory_order_acquire);
    return before & REPLACING || before >> 31 != after >> 31 ? -EAGAIN : 0;
}

static void move_slot(struct attribution_slot *from, struct attribution *to)
{
    uint64_t sum[ATTRIBUTED_KINDS];
    struct text text;
    uint64_t hash = atomic_load_explicit(&from->hash, memory_order_acquire);
    int result = attribution_take(from, (char *)text.word, sum);
    if (result == -ENOENT)
        return;
    bool whole = result == 0 && atomic_load_explicit(&from->hash, memory_order_relaxed) == hash;
    struct attribution_slot *slot = whole ? slot_for(to, hash, &text) : NULL;
    for (int i = 0; i < ATTRIBUTED_KINDS; i++)
        add(slot ? slot->sum : to->other, (enum attributed)i, sum[i]);
    if (!slot)
        return;
    atomic_fetch_add_explicit(&slot->rank, sum[ATTRIBUTED_OUT] + sum[ATTRIBUTED_IN] + 1,
                              memory_order_relaxed);
    leave(slot);
}

void attribution_move(struct attribution *from, struct attribution *to)
{
    for (int i = 0; i < ATTRIBUTION_SETS; i++)
        for (int j = 0; j < ATTRIBUTION_WAYS; j++)
            move_slot(&from->slot[i][j], to);
    for (int i = 0; i < ATTRIBUTED_KINDS; i++)
        add(to->other, (enum attributed)i,
            atomic_exchange_explicit(&from->other[i], 0, memory_order_acq_rel));
}
