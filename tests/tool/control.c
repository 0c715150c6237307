#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/pages.h"
#include "tool.h"

static const char usage[] =
    "testtool control counters            every counter: id, family, label, value\n"
    "testtool control count THREADS N     each thread counts each counter N times\n"
    "testtool control attribute THREADS   \"VALUE BYTES\" lines, by all threads at once\n"
    "testtool control litmus READERS N    N changes of the pages while others read them\n"
    "testtool control killed N            N writers, killed as they write\n"
    "testtool control sizes               of the fleet's page, a process's, its orders\n"
    "testtool control guest SOCKET        attaches, and answers to standard input\n"
    "testtool control crowd SOCKET N      N processes that attach and wait\n";

#define MOST_THREADS 16

static int each_thread(void *(*body)(void *), void *arg, int threads)
{
    pthread_t thread[MOST_THREADS];
    if (threads < 1 || threads > MOST_THREADS)
        return 2;
    for (int i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, body, arg) != 0)
            return 2;
    for (int i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    return 0;
}

static int show_counters(void)
{
    for (unsigned i = 0; counter_info(i); i++) {
        const struct counter_info *c = counter_info(i);
        printf("%s %s %s %s\n", c->id, c->family, *c->label ? c->label : "-",
               *c->value ? c->value : "-");
    }
    return 0;
}

static void *count_all(void *arg)
{
    for (long n = *(long *)arg; n > 0; n--)
        for (unsigned i = 0; i < COUNTERS; i++)
            count((enum counter)i);
    return NULL;
}

static int count_in_threads(int threads, long n)
{
    int status = each_thread(count_all, &n, threads);
    for (unsigned i = 0; i < COUNTERS; i++)
        printf("%s %llu\n", counter_info(i)->id, (unsigned long long)counter_read((enum counter)i));
    return status;
}

/* --- attribution ---------------------------------------------------------------------------- */

#define MOST_LINES 100000

static struct attribution table;

static struct {
    char value[96];
    unsigned long bytes;
} line[MOST_LINES];
static size_t lines;

static void *attribute_all(void *unused)
{
    for (size_t i = 0; i < lines; i++)
        attribution_add(&table, SPAN("tenant-id"), span_of(line[i].value), i % 2 == 0,
                        line[i].bytes);
    return unused;
}

static void print_sums(const char *name, const uint64_t *sum)
{
    printf("%s %llu %llu %llu %llu\n", name, (unsigned long long)sum[0], (unsigned long long)sum[1],
           (unsigned long long)sum[2], (unsigned long long)sum[3]);
}

static int attribute_in_threads(int threads)
{
    uint64_t sum[ATTRIBUTED_KINDS];
    char text[ATTRIBUTION_TEXT];
    while (lines < MOST_LINES && scanf("%95s %lu", line[lines].value, &line[lines].bytes) == 2)
        lines++;
    int status = each_thread(attribute_all, NULL, threads);
    for (int i = 0; i < ATTRIBUTION_SETS; i++)
        for (int j = 0; j < ATTRIBUTION_WAYS; j++)
            if (attribution_take(&table.slot[i][j], text, sum) == 0)
                print_sums(text, sum);
    for (int i = 0; i < ATTRIBUTED_KINDS; i++)
        sum[i] = atomic_load(&table.other[i]);
    print_sums("other", sum);
    return status;
}

int tool_control(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (argc == 2 && strcmp(what, "counters") == 0)
        return show_counters();
    if (argc == 2 && strcmp(what, "sizes") == 0)
        return printf("%zu %zu %zu\n", PAGES_FLEET, PAGES_PROCESS, PAGES_ORDERS) < 0;
    if (argc == 4 && strcmp(what, "count") == 0)
        return count_in_threads(atoi(argv[2]), atol(argv[3]));
    if (argc == 3 && strcmp(what, "attribute") == 0)
        return attribute_in_threads(atoi(argv[2]));
    if (argc == 4 && strcmp(what, "litmus") == 0)
        return tool_overlay_litmus(atoi(argv[2]), atol(argv[3]));
    if (argc == 3 && strcmp(what, "killed") == 0)
        return tool_overlay_killed(atoi(argv[2]));
    if (argc == 3 && strcmp(what, "guest") == 0)
        return tool_guest(argv[2]);
    if (argc == 4 && strcmp(what, "crowd") == 0)
        return tool_crowd(argv[2], atoi(argv[3]));
    fputs(usage, stderr);
    return 2;
}
