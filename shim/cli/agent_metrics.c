#include "cli/agent_metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/agent_book.h"
#include "cli/agent_tally.h"

/* Of processes that have ended, or run another program now. */
static uint64_t departed[COUNTERS];
static struct tally departed_tally;

/* What is told now. The agent does one thing at a time. */
static uint64_t sums[COUNTERS];
static struct tally tally;
static size_t attached, away;

static void add_page(uint64_t *to, struct tally *t, const struct told_page *page)
{
    for (unsigned i = 0; i < COUNTERS; i++)
        to[i] += atomic_load_explicit(&page->counters.at[i], memory_order_relaxed);
    /* A table that was never written to has no memory yet, and reading it would give it some. */
    if (atomic_load_explicit(&page->counters.at[COUNT_attributions], memory_order_relaxed))
        tally_add_table(t, &page->attribution);
}

void metrics_depart(const struct told_page *page)
{
    add_page(departed, &departed_tally, page);
}

static bool add_process(struct process *p, void *unused)
{
    (void)unused;
    if (p->orders) {
        add_page(sums, &tally, p->told);
        attached++;
    } else {
        away++;
    }
    return true;
}

static void collect(void)
{
    memcpy(sums, departed, sizeof sums);
    memset(&tally, 0, sizeof tally);
    tally_add(&tally, &departed_tally);
    attached = away = 0;
    book_each(add_process, NULL);
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
        fprintf(out, " %" PRIu64 "\n", sums[i]);
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

static void put_entry(FILE *out, const char *family, const char *text, uint64_t in_, uint64_t sent)
{
    struct span value, key = span_cut(span_of(text), '=', &value);
    const char *const directions[] = { "out", "in" };
    const uint64_t n[] = { sent, in_ };
    for (int i = 0; i < 2; i++) {
        fprintf(out, "bellhop_attributed_%s_total{", family);
        put_label(out, "key", key);
        fputc(',', out);
        put_label(out, "value", value);
        fprintf(out, ",direction=\"%s\"} %" PRIu64 "\n", directions[i], n[i]);
    }
}

static void put_attributed(FILE *out, size_t count, const char *family, int kind, const char *help)
{
    fprintf(out, "# TYPE bellhop_attributed_%s counter\n# HELP bellhop_attributed_%s %s.\n", family,
            family, help);
    for (size_t i = 0; i < count; i++)
        put_entry(out, family, tally.entry[i].text, tally.entry[i].sum[kind + 2],
                  tally.entry[i].sum[kind]);
    if (tally.other[kind] || tally.other[kind + 2])
        put_entry(out, family, "=", tally.other[kind + 2], tally.other[kind]);
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
    size_t count = tally_sort(&tally);
    put_attributed(out, count, "requests", ATTRIBUTED_OUT,
                   "Requests by the members that attribute_by names; no key: all others");
    put_attributed(out, count, "bytes", ATTRIBUTED_OUT_BYTES, "Bytes of these requests");
    fputs("# EOF\n", out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
