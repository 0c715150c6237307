/* What the codec costs: a header of 10 members and 369 bytes is parsed, merged with two members of
 * the process's own (one key collides) and written. The bound is 1 GB/s of header bytes.
 *
 * Prints `name GB/s ns` lines, the median of interleaved rounds, and the ratio to one memchr and
 * one memcpy pass over the same bytes, which says how far the machine itself was slowed. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "baggage/baggage.h"

enum { ROUNDS = 41, TURNS = 20000 };

static const char header[] =
    "user-id=user-12345678-abcd,tenant-id=acme-europe-west-production,"
    "session-id=0f8fad5b-d9cb-469f-a165-70867728950e,feature-flags=checkout-v2,region=eu-west-1a,"
    "request-class=interactive-batch,experiment=blue-green-2024-06,"
    "customer.name=Am%C3%A9lie%20Poulain%20Montmar,"
    "order-id=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08,"
    "device-id=b0f00a08-5d15;ttl=30";

static const char own[] = "service-b-processed=true,tenant-id=other";

static struct baggage own_list, parsed_list;
static char out[LIMIT_LIST];
static size_t sum; /* what is measured must have a result */

/* Keeps the compiler from moving work out of the loop that measures it. */
static struct span hidden(struct span s)
{
    __asm__ volatile("" : "+r"(s.at) : : "memory");
    return s;
}

static void parse_merge_format(struct span line)
{
    struct baggage b;
    baggage_init(&b);
    baggage_parse(&b, line);
    const member_set missing = baggage_missing(&own_list, &b);
    const member_set fit = baggage_fit(&own_list, missing, b.count, b.bytes);
    size_t len = baggage_format(&b, MEMBERS_ALL, out, sizeof out);
    if (fit) {
        out[len++] = ',';
        len += baggage_format(&own_list, fit, out + len, sizeof out - len);
    }
    sum += len;
}

static void parse(struct span line)
{
    struct baggage b;
    baggage_init(&b);
    baggage_parse(&b, line);
    sum += b.count;
}

static void merge(struct span line)
{
    (void)line;
    const member_set missing = baggage_missing(&own_list, &parsed_list);
    sum += baggage_fit(&own_list, missing, parsed_list.count, parsed_list.bytes);
}

static void format(struct span line)
{
    (void)line;
    sum += baggage_format(&parsed_list, MEMBERS_ALL, out, sizeof out);
}

static void decode(struct span line)
{
    sum += percent_decode(line, out, sizeof out);
}

static void reference(struct span line)
{
    sum += memchr(line.at, '\n', line.len) != NULL;
    memcpy(out, line.at, line.len);
}

static const struct work {
    const char *name;
    void (*run)(struct span line);
} works[] = {
    { "codec.parse_merge_format", parse_merge_format },
    { "codec.parse", parse },
    { "codec.merge", merge },
    { "codec.format", format },
    { "codec.decode", decode },
    { "codec.reference", reference },
};
enum { WORKS = sizeof works / sizeof *works };

static double measure(const struct work *w, struct span line)
{
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < TURNS; i++) {
        w->run(hidden(line));
        __asm__ volatile("" : : "r"(out), "r"(&parsed_list), "r"(&own_list) : "memory");
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    return ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / TURNS;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *ns)
{
    qsort(ns, ROUNDS, sizeof *ns, by_value);
    return ns[ROUNDS / 2];
}

int main(void)
{
    static double ns[WORKS][ROUNDS];
    const struct span line = span_make(header, sizeof header - 1);
    baggage_init(&own_list);
    baggage_parse(&own_list, span_make(own, sizeof own - 1));
    baggage_init(&parsed_list);
    baggage_parse(&parsed_list, line);
    if (parsed_list.count != 10 || line.len != 369 || own_list.count != 2) {
        fprintf(stderr, "codec: the header is not the one that the bound speaks of\n");
        return 1;
    }

    for (int round = 0; round < ROUNDS; round++)
        for (int w = 0; w < WORKS; w++)
            ns[w][round] = measure(&works[w], line);
    double middle[WORKS];
    for (int w = 0; w < WORKS; w++) {
        middle[w] = median(ns[w]);
        printf("%s %.3f %.1f\n", works[w].name, (double)line.len / middle[w], middle[w]);
    }
    printf("codec.ratio_to_reference %.2f\n", middle[0] / middle[WORKS - 1]);
    return sum == 0;
}
