#include "cli/agent_tally.h"

#include <errno.h>
#include <stdlib.h>

/* More than a process can have counted between two looks: a lie, and no sum is to turn over. */
#define PLAUSIBLE ((uint64_t)1 << 48)

static void add_sums(uint64_t *to, const uint64_t *from)
{
    for (int i = 0; i < ATTRIBUTED_KINDS; i++)
        to[i] += from[i] < PLAUSIBLE ? from[i] : 0;
}

static uint16_t chain_of(const char *text)
{
    uint32_t hash = 2166136261u;
    for (const char *c = text; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    return (uint16_t)((hash ^ hash >> 16) % TALLY_CHAINS);
}

static struct tally_entry *find(struct tally *t, uint16_t chain, const char *text)
{
    for (uint16_t i = t->first[chain]; i; i = t->entry[i - 1].next)
        if (strcmp(t->entry[i - 1].text, text) == 0)
            return &t->entry[i - 1];
    return NULL;
}

static void unchain(struct tally *t, const struct tally_entry *e)
{
    uint16_t *at = &t->first[e->chain];
    while (&t->entry[*at - 1] != e)
        at = &t->entry[*at - 1].next;
    *at = e->next;
}

/* A new one, or the one of lowest rank. */
static struct tally_entry *room(struct tally *t)
{
    if (t->count < TALLY_MOST)
        return &t->entry[t->count++];
    struct tally_entry *low = t->entry;
    for (size_t i = 1; i < TALLY_MOST; i++)
        if (t->entry[i].rank < low->rank)
            low = &t->entry[i];
    unchain(t, low);
    add_sums(t->other, low->sum);
    memset(low->sum, 0, sizeof low->sum);
    return low;
}

static struct tally_entry *entry_for(struct tally *t, const char *text)
{
    uint16_t chain = chain_of(text);
    struct tally_entry *e = find(t, chain, text);
    if (e)
        return e;
    e = room(t);
    strcpy(e->text, text);
    e->chain = chain;
    e->next = t->first[chain];
    t->first[chain] = (uint16_t)(e - t->entry + 1);
    return e;
}

static void add(struct tally *t, const char *text, const uint64_t *sum)
{
    struct tally_entry *e = entry_for(t, text);
    add_sums(e->sum, sum);
    e->rank += 1 + (sum[ATTRIBUTED_OUT] + sum[ATTRIBUTED_IN]) % PLAUSIBLE;
}

/* As a member is: no two of these look alike in a label, and none like `other`. */
static bool is_member(const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c <= 0x20 || *c == 0x7f)
            return false;
    return *text && *text != '=' && strchr(text, '=');
}

void tally_take(struct tally *t, struct attribution *from)
{
    char text[ATTRIBUTION_TEXT];
    uint64_t sum[ATTRIBUTED_KINDS];
    for (int i = 0; i < ATTRIBUTION_SETS; i++)
        for (int j = 0; j < ATTRIBUTION_WAYS; j++) {
            int result = attribution_take(&from->slot[i][j], text, sum);
            if (result == 0 && is_member(text))
                add(t, text, sum);
            else if (result != -ENOENT)
                add_sums(t->other, sum);
        }
    for (int i = 0; i < ATTRIBUTED_KINDS; i++)
        sum[i] = atomic_exchange(&from->other[i], 0);
    add_sums(t->other, sum);
}

static int by_requests(const void *a, const void *b)
{
    const struct tally_entry *x = a, *y = b;
    uint64_t n = x->sum[ATTRIBUTED_OUT] + x->sum[ATTRIBUTED_IN];
    uint64_t m = y->sum[ATTRIBUTED_OUT] + y->sum[ATTRIBUTED_IN];
    if (n != m)
        return n < m ? 1 : -1;
    return strcmp(x->text, y->text);
}

struct tally_entry *tally_sorted(const struct tally *t)
{
    struct tally_entry *sorted = t->count ? malloc(t->count * sizeof *sorted) : NULL;
    if (!sorted)
        return NULL;
    memcpy(sorted, t->entry, t->count * sizeof *sorted);
    qsort(sorted, t->count, sizeof *sorted, by_requests);
    return sorted;
}
