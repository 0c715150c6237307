/* ps, metrics. */
#include <getopt.h>
#include <stdio.h>

#include "cli/proc.h"
#include "cli/record.h"

#define CARRIERS 4

struct listing {
    bool json;
    json_t *all;
    unsigned rows;
};

static void print_heading(void)
{
    printf("%7s %6s %6s %4s %-8s %9s %9s %9s %8s %8s %8s %8s %8s %8s %-8s %4s %s\n", "PID", "UID",
           "AGE", "THR", "STATE", "REQUESTS", "INJECTED", "INBOUND", "LIVE", "IMMED", "RESUMED",
           "SOLE", "WEAK", "NONE", "SETTINGS", "MEMB", "PROGRAM");
}

static unsigned list_count(struct span list)
{
    static struct baggage parsed;
    baggage_init(&parsed);
    baggage_parse(&parsed, list);
    return parsed.count;
}

static void print_row(const struct record *r)
{
    char age[16];
    struct proc_stat stat = { 0 };
    proc_stat((pid_t)r->pid, 0, &stat);
    age_text(r->age, age);
    printf("%7u %6u %6s %4ld %-8s %9llu %9llu %9llu", r->pid, r->uid, age, stat.threads,
           !r->attached ? "away"
           : r->off     ? "disabled"
                        : "attached",
           (unsigned long long)record_sum(r, COUNT_requests_curl, CARRIERS),
           (unsigned long long)record_sum(r, COUNT_injected_curl, CARRIERS),
           (unsigned long long)r->counter[COUNT_inbound]);
    for (unsigned i = COUNT_associated_live; i <= COUNT_associated_none; i++)
        printf(" %8llu", (unsigned long long)r->counter[i]);
    printf(" %-8s %4u ", record_rules(r), list_count(r->members));
    print_safely(r->exe);
    putchar('\n');
}

static void list(void *arg, const struct wire_in *in)
{
    struct listing *l = arg;
    struct record r;
    if (!record_read(&r, in))
        return;
    if (l->json)
        json_array_append_new(l->all, record_json(&r));
    else if (l->rows++ == 0)
        print_heading();
    if (!l->json)
        print_row(&r);
}

static int run(int argc, char **argv)
{
    static char storage[LIMIT_PATH + 256];
    struct asking a;
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_PS, 2);
    int status = asking_take(&a, argc, argv, ASKING_TARGET | ASKING_MAYBE | ASKING_JSON);
    if (status != EXIT_OK)
        return status;
    if (optind < argc) {
        say("'%s' is too much", argv[optind]);
        return usage();
    }
    asking_put(&a, &w);
    struct listing l = { .json = a.json, .all = json_array() };
    status = client_do(&a, wire_end(&w), -1, list, &l, NULL);
    if (status == EXIT_OK && l.json)
        print_json(json_pack("{s:o}", "processes", l.all));
    else
        json_decref(l.all);
    return status;
}

const struct command command_ps = {
    .name = "ps",
    .synopsis = "[--pid P | --exe PATTERN | --all] [--json]",
    .summary = "Lists the programs that carry baggage",
    .help = "A row for each program that is attached to the agent and is yours: since when, its\n"
            "threads, requests that it made, those into which baggage was put, requests that\n"
            "came in, and how sure it was, for those made, to which of these they belong. 'away'\n"
            "is a program that a former agent knew and that has made no request since.\n"
            "SETTINGS says whether it goes by those of 'bellhop reload': 'current', or 'next',\n"
            "with its next request; 'start' and 'former' are its own where there are none. Else\n"
            "it keeps those before, as it cannot have these: 'foreign', another version;\n"
            "'large', over the limits; 'verifier', it was started without tokens to verify;\n"
            "'withheld', another user's secret; 'broken'; for a while 'crowded' and 'memory'.\n"
            "--json tells every counter, and the members.\n"
            "\n"
            "  --control SOCKET   of the agent; else BELLHOP_CONTROL or the default\n"
            "\n"
            "Exit codes: 0, 1 the agent refuses, 2 the command line is wrong, 3 no agent.\n",
    .run = run,
};

static void print_text(void *unused, const struct wire_in *in)
{
    (void)unused;
    struct span text = wire_find(in, BELLHOP_TAG_TEXT);
    if (text.len)
        fwrite(text.at, 1, text.len, stdout);
}

static int run_metrics(int argc, char **argv)
{
    char storage[64];
    struct asking a;
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_METRICS, 2);
    int status = asking_take(&a, argc, argv, 0);
    if (status != EXIT_OK)
        return status;
    if (optind < argc) {
        say("'%s' is too much", argv[optind]);
        return usage();
    }
    return client_do(&a, wire_end(&w), -1, print_text, NULL, NULL);
}

const struct command command_metrics = {
    .name = "metrics",
    .synopsis = "[--control SOCKET]",
    .summary = "Prints what all programs counted, for Prometheus",
    .help = "The text is in the OpenMetrics format, and sums up all programs of the agent, those\n"
            "that have ended included. 'bellhop agent --metrics' serves it over HTTP. Counters\n"
            "begin at zero with the agent, but for what programs that go on bring along.\n"
            "\n"
            "bellhop_attributed_requests_total, bellhop_attributed_bytes_total and\n"
            "bellhop_attributed_answer_bytes_total tell, for the values of the members that the\n"
            "setting attribute_by names, requests that were made (direction \"out\") and served\n"
            "(\"in\"), their bytes, and those of the answers to them. Bytes are those that pass\n"
            "the calls of the program, before TLS; those of HTTP/2, and of connections that were\n"
            "given up, are not seen. Where requests overlap on a connection, the last that began\n"
            "has the bytes. The 256 values with most requests are told apart, by Space-Saving,\n"
            "the others without a key; a value that comes in begins at zero.\n"
            "\n"
            "Exit codes: 0, 1 the agent refuses, 2 the command line is wrong, 3 no agent.\n",
    .run = run_metrics,
};
