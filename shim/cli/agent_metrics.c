#include "cli/agent_metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/agent_book.h"
#include "cli/agent_tally.h"

/* Of processes that have ended, or run another program now. */
static uint64_t departed[COUNTERS];

/* Of all, for good: what a process counted by value is taken out of its page. */
static struct tally tally;

/* What is told now, and was told last. The agent does one thing at a time. */
static uint64_t sums[COUNTERS], told[COUNTERS];
static size_t attached, away;

static void add_page(uint64_t *to, struct told_page *page)
{
    for (unsigned i = 0; i < COUNTERS; i++)
        to[i] += atomic_load_explicit(&page->counters.at[i], memory_order_relaxed);
    /* A table that was never written to has no memory yet, and reading it would give it some. */
    if (atomic_load_explicit(&page->counters.at[COUNT_attributions], memory_order_relaxed))
        tally_take(&tally, &page->attribution);
}

void metrics_depart(struct told_page *page)
{
    add_page(departed, page);
}

static bool add_process(struct process *p, void *unused)
{
    (void)unused;
    attached += p->orders != NULL;
    away += p->orders == NULL;
    if (p->orders)
        add_page(sums, p->told);
    if (p->old_pages)
        add_page(sums, book_told(p->old_pages));
    return true;
}

/* Counters never go down, though what a process moves from page to page may be seen in both. */
static void collect(void)
{
    memcpy(sums, departed, sizeof sums);
    attached = away = 0;
    book_each(add_process, NULL);
    for (unsigned i = 0; i < COUNTERS; i++)
        told[i] = sums[i] > told[i] ? sums[i] : told[i];
}

static void put_counters(FILE *out)
{
    const char *family = "";
    for (unsigned i = 0; i < COUNTERS; i++) {
        const struct counter_info *c = counter_info(i);
        if (strcmp(family, c->family) != 0)
            fprintf(out, "# TYPE bellhop_%s counter\n# HELP bellhop_%s %s.\n", c->family, c->family,
                    c->help);
        family = c->family;
        fprintf(out, "bellhop_%s_total", c->family);
        if (*c->label)
            fprintf(out, "{%s=\"%s\"}", c->label, c->value);
        fprintf(out, " %" PRIu64 "\n", told[i]);
    }
}

/* What came from a process is only bytes. */
static void put_label(FILE *out, const char *name, struct span value)
{
    fprintf(out, "%s=\"", name);
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        if (c == '"' || c == '\\')
            fputc('\\', out);
        fputc(c >= 0x20 && c < 0x7f ? c : '?', out);
    }
    fputc('"', out);
}

/* What attribute_by told apart: which sums of an entry are of requests made, and of those served.
 */
static const struct {
    const char *name, *help;
    enum attributed out, in;
} families[] = {
    { "requests", "Requests by the members that attribute_by names; no key: all others",
      ATTRIBUTED_OUT, ATTRIBUTED_IN },
    { "bytes", "Bytes of these requests", ATTRIBUTED_OUT_BYTES, ATTRIBUTED_IN_BYTES },
    { "answer_bytes", "Bytes of the answers to these requests", ATTRIBUTED_OUT_ANSWERS,
      ATTRIBUTED_IN_ANSWERS },
};

static void put_entry(FILE *out, int family, const char *text, const uint64_t *sum)
{
    struct span value, key = span_cut(span_of(text), '=', &value);
    const char *const directions[] = { "out", "in" };
    const uint64_t n[] = { sum[families[family].out], sum[families[family].in] };
    for (int i = 0; i < 2; i++) {
        fprintf(out, "bellhop_attributed_%s_total{", families[family].name);
        put_label(out, "key", key);
        fputc(',', out);
        put_label(out, "value", value);
        fprintf(out, ",direction=\"%s\"} %" PRIu64 "\n", directions[i], n[i]);
    }
}

static void put_attributed(FILE *out, int family, const struct tally_entry *entry)
{
    const char *name = families[family].name;
    fprintf(out, "# TYPE bellhop_attributed_%s counter\n# HELP bellhop_attributed_%s %s.\n", name,
            name, families[family].help);
    for (size_t i = 0; entry && i < tally.count; i++)
        put_entry(out, family, entry[i].text, entry[i].sum);
    put_entry(out, family, "=", tally.other);
}

char *metrics_text(size_t *len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    if (!out)
        return NULL;
    collect();
    fprintf(out,
            "# TYPE bellhop_processes gauge\n# HELP bellhop_processes Processes that are known.\n"
            "bellhop_processes{state=\"attached\"} %zu\nbellhop_processes{state=\"away\"} %zu\n",
            attached, away);
    put_counters(out);
    struct tally_entry *sorted = tally_sorted(&tally);
    for (int i = 0; i < 3; i++)
        put_attributed(out, i, sorted);
    free(sorted);
    fputs("# EOF\n", out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
