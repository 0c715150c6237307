#include "cli/agent_tally.h"

#include <stdlib.h>

static void add_sums(uint64_t *to, const uint64_t *from)
{
    for (int i = 0; i < ATTRIBUTED_KINDS; i++)
        to[i] += from[i];
}

static struct tally_entry *entry_for(struct tally *t, const char *text)
{
    uint32_t hash = 2166136261u;
    for (const char *c = text; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    for (;; hash++) {
        struct tally_entry *e = &t->entry[hash % (2 * TALLY_MOST)];
        if (strcmp(e->text, text) == 0)
            return e;
        if (*e->text)
            continue;
        if (t->count == TALLY_MOST)
            return NULL;
        t->count++;
        strcpy(e->text, text);
        return e;
    }
}

static void add(struct tally *t, const char *text, const uint64_t *sum)
{
    struct tally_entry *e = entry_for(t, text);
    add_sums(e ? e->sum : t->other, sum);
}

void tally_add_table(struct tally *t, const struct attribution *from)
{
    char text[ATTRIBUTION_TEXT];
    uint64_t sum[ATTRIBUTED_KINDS];
    for (int i = 0; i < ATTRIBUTION_SETS; i++)
        for (int j = 0; j < ATTRIBUTION_WAYS; j++)
            if (attribution_read(&from->slot[i][j], text, sum) == 0 && strchr(text, '='))
                add(t, text, sum);
    for (int i = 0; i < ATTRIBUTED_KINDS; i++)
        t->other[i] += atomic_load(&from->other[i]);
}

void tally_add(struct tally *t, const struct tally *from)
{
    for (size_t i = 0; i < 2 * TALLY_MOST; i++)
        if (*from->entry[i].text)
            add(t, from->entry[i].text, from->entry[i].sum);
    add_sums(t->other, from->other);
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

size_t tally_sort(struct tally *t)
{
    size_t n = 0;
    for (size_t i = 0; i < 2 * TALLY_MOST; i++)
        if (*t->entry[i].text)
            t->entry[n++] = t->entry[i];
    qsort(t->entry, n, sizeof *t->entry, by_requests);
    for (size_t i = TALLY_TOP; i < n; i++)
        add_sums(t->other, t->entry[i].sum);
    return n < TALLY_TOP ? n : TALLY_TOP;
}
