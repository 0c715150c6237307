/* Runs the simulated programs, and compares what the rules say with what is true. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "whose_programs.h"

enum { LEVELS = CONFIDENCE_LIVE + 1, TRACE = 4096 };

static struct tally {
    unsigned long long programs, events, works, idles;
    unsigned long long right[LEVELS], wrong[LEVELS]; /* by confidence */
    unsigned long long lost;                         /* done for a request, and nobody's */
} tally;

/* An event, as a line of a story. */
struct trace_line {
    const char *verb;
    unsigned thread;
    const char *kind;
    uint64_t name, also;
};
static struct trace_line lines[TRACE];
static unsigned line_count;
static struct {
    struct trace_line lines[TRACE];
    unsigned count;
    uint64_t seed;
} shortest;
static bool failed;                             /* in this program */
static enum confidence level = CONFIDENCE_LIVE; /* wrong from here on fails */

void trace(const char *verb, const char *kind, uint64_t name, uint64_t also)
{
    bool threadless = verb[0] == 'c' && verb[1] == 'l';
    tally.events++;
    if (line_count < TRACE)
        lines[line_count++] =
            (struct trace_line){ verb, threadless || kind[0] == 'r' ? 0 : worker_number(me()), kind,
                                 name, also };
}

void judge(struct whose got, const struct request *truth)
{
    bool works = truth && truth->alive;
    tally.works += works;
    tally.idles += !works;
    if (!got.request)
        tally.lost += works;
    else if (truth && got.request == truth->name)
        tally.right[got.confidence]++;
    else {
        tally.wrong[got.confidence]++;
        if (got.confidence >= level && !failed)
            failed = true;
        else
            return;
        lines[line_count - 1].verb = "writes-wrong";
        lines[line_count - 1].name |= (uint64_t)(works ? truth->name : 0) << 32;
    }
}

static void print_line(const struct trace_line *l)
{
    bool wrong = strcmp(l->verb, "writes-wrong") == 0;
    if (l->thread)
        printf("thread %u ", l->thread);
    printf("%s", wrong ? "writes" : l->verb);
    if (l->kind[0])
        printf(" %s%llu", l->kind[0] == 't' ? "" : l->kind, (unsigned long long)(uint32_t)l->name);
    if (strcmp(l->verb, "reads") == 0 && l->also >> 32 != (uint32_t)l->also) {
        printf(" begins");
        for (uint64_t r = l->also >> 32; r < (uint32_t)l->also; r++)
            printf(" r%llu", (unsigned long long)r + 2);
    } else if (l->kind[0] == 'x' && strcmp(l->verb, "connects") != 0)
        (uint32_t) l->also == WHOSE_UNCOUNTED ? printf(" something")
                                              : printf(" %u", (unsigned)l->also);
    if (wrong && l->name >> 32)
        printf(" -> r%llu", (unsigned long long)l->name >> 32);
    else if (wrong)
        printf(" -> nobody");
    printf("\n");
}

static void keep_shortest(uint64_t seed)
{
    unsigned end = 0;
    while (end < line_count && strcmp(lines[end].verb, "writes-wrong") != 0)
        end++;
    if (end == line_count || (shortest.count && shortest.count <= end))
        return;
    memcpy(shortest.lines, lines, (end + 1) * sizeof *lines);
    shortest.count = end + 1;
    shortest.seed = seed;
}

static void run(const struct program *p, uint64_t seed)
{
    chance_seed(seed);
    tasks_clear();
    net_clear();
    line_count = 0;
    failed = false;
    tally.programs++;
    p->start();
    for (unsigned n = 100 + below(1500); n; n--) {
        if (once_in(2))
            net_step();
        tasks_step();
    }
    if (failed)
        keep_shortest(seed);
}

static void print_head(void)
{
    printf("%-34s %9s %9s", "program", "events", "requests'");
    for (unsigned c = CONFIDENCE_LIVE; c > CONFIDENCE_NONE; c--)
        printf(" %15s", confidence_name((enum confidence)c));
    printf(" %6s\n", "none");
}

static void print_tally(const struct program *p)
{
    double all = tally.works ? (double)tally.works : 1;
    double every = tally.works + tally.idles ? (double)(tally.works + tally.idles) : 1;
    printf("%-34s %9llu %9llu", p->name, tally.events, tally.works);
    for (unsigned c = CONFIDENCE_LIVE; c > CONFIDENCE_NONE; c--)
        printf(" %6.2f %7.4f!", 100 * (double)tally.right[c] / all,
               100 * (double)tally.wrong[c] / every);
    printf(" %6.2f\n", 100 * (double)tally.lost / all);
}

/* Every name of a class that begins so; `only` one program of each, that of this seed. */
static bool simulate(const struct program *p, unsigned long rounds, const char *only)
{
    memset(&tally, 0, sizeof tally);
    shortest.count = 0;
    for (unsigned long i = 1; i <= rounds; i++)
        run(p, only ? strtoull(only, NULL, 10) : i);
    print_tally(p);
    if (!shortest.count)
        return true;
    if (p->why_not && !only) {
        printf("    not decided: %s\n", p->why_not);
        return true;
    }
    printf("    wrong: testtool whose simulate '%s' %llu\n", p->name,
           (unsigned long long)shortest.seed);
    for (unsigned i = 0; i < shortest.count; i++)
        print_line(&shortest.lines[i]);
    return false;
}

int whose_simulate(int argc, char **argv)
{
    const char *rounds = getenv("BELLHOP_WHOSE_ROUNDS");
    const char *at = getenv("BELLHOP_WHOSE_LEVEL");
    unsigned long long events = 0;
    int status = 0;
    unsigned matched = 0;
    for (unsigned c = 0; at && c < LEVELS; c++)
        if (strcmp(at, confidence_name((enum confidence)c)) == 0)
            level = (enum confidence)c;
    print_head();
    for (unsigned i = 0; i < program_count; i++) {
        if (argc > 1 && strncmp(argv[1], programs[i].name, strlen(argv[1])) != 0)
            continue;
        matched++;
        if (!simulate(&programs[i],
                      argc > 2 ? 1
                      : rounds ? strtoul(rounds, NULL, 10)
                               : 300,
                      argc > 2 ? argv[2] : NULL))
            status = 1;
        events += tally.events;
        fflush(stdout);
    }
    printf("%llu events, %s\n", events, status ? "wrong" : "nothing wrong");
    return matched ? status : 2;
}
