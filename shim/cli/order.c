/* set, unset, clear, enable, disable. */
#include <getopt.h>
#include <stdio.h>

#include "cli/client.h"

static char storage[BELLHOP_CONTROL_MESSAGE];

#define TARGET_HELP                                                                                \
    "  --pid P            the process P\n"                                                         \
    "  --pid P --tid T    its thread T alone\n"                                                    \
    "  --exe PATTERN      all processes whose program matches, by its path if PATTERN has a /\n"   \
    "  --all              all processes, those that come later too\n"                              \
    "  --control SOCKET   of the agent; else BELLHOP_CONTROL, here or of P, or the default\n"      \
    "  --json             answer {\"processes\":N}\n"
#define EXIT_HELP                                                                                  \
    "\n"                                                                                           \
    "Exit codes: 0, 1 the agent refuses (no such process, not yours), 2 the command line is\n"     \
    "wrong, 3 there is no agent.\n"

static int order(const struct asking *a, struct wire_out *w)
{
    uint32_t count = 0;
    asking_put(a, w);
    int status = client_do(a, wire_end(w), -1, NULL, NULL, &count);
    if (status == EXIT_OK && a->json)
        printf("{\"processes\":%u}\n", count);
    return status;
}

static struct wire_out begin(enum bellhop_control_type type)
{
    return wire_begin(storage, sizeof storage, type, 2);
}

static struct span key_of(const char *text)
{
    struct span rest;
    return span_trim(span_cut(span_of(text), '=', &rest));
}

/* The last one of a key counts. */
static bool comes_again(char **args)
{
    for (char **later = args + 1; *later; later++)
        if (span_equal(key_of(*args), key_of(*later)))
            return true;
    return false;
}

static int put_members(struct wire_out *w, char **args)
{
    static char list[LIMIT_LIST];
    struct buf all = buf_over(list, sizeof list);
    for (; *args; args++) {
        static char one[LIMIT_LIST];
        const char *fault;
        size_t len = member_from_text(span_of(*args), one, sizeof one, &fault);
        if (!len) {
            say("'%.*s' %s", key_len(*args), *args, fault);
            return EXIT_USAGE;
        }
        if (comes_again(args))
            continue;
        if (all.len)
            buf_putc(&all, ',');
        buf_put(&all, span_make(one, len));
    }
    if (all.cut) {
        say("the members go over the limit of %d bytes", LIMIT_LIST);
        return EXIT_USAGE;
    }
    wire_put(w, BELLHOP_TAG_MEMBERS, buf_span(&all));
    return EXIT_OK;
}

static int run_set(int argc, char **argv)
{
    struct asking a;
    struct wire_out w = begin(BELLHOP_CONTROL_SET);
    int status = asking_take(&a, argc, argv, ASKING_TARGET | ASKING_JSON);
    if (status == EXIT_OK && optind == argc) {
        say("KEY=VALUE is missing");
        return usage();
    }
    if (status == EXIT_OK)
        status = put_members(&w, argv + optind);
    return status == EXIT_OK ? order(&a, &w) : status;
}

static int run_unset(int argc, char **argv)
{
    struct asking a;
    struct wire_out w = begin(BELLHOP_CONTROL_UNSET);
    int status = asking_take(&a, argc, argv, ASKING_TARGET | ASKING_JSON);
    if (status != EXIT_OK)
        return status;
    if (optind == argc) {
        say("KEY is missing");
        return usage();
    }
    for (int i = optind; i < argc; i++) {
        if (!baggage_is_key(span_of(argv[i]))) {
            say("'%s' is no key", argv[i]);
            return EXIT_USAGE;
        }
        wire_put(&w, BELLHOP_TAG_KEY, span_of(argv[i]));
    }
    return order(&a, &w);
}

static int run_plain(int argc, char **argv, enum bellhop_control_type type)
{
    struct asking a;
    struct wire_out w = begin(type);
    int status = asking_take(&a, argc, argv, ASKING_TARGET | ASKING_JSON);
    if (status != EXIT_OK)
        return status;
    if (optind < argc) {
        say("'%s' is too much", argv[optind]);
        return usage();
    }
    if (a.tid && type != BELLHOP_CONTROL_CLEAR) {
        say("threads are not switched one by one");
        return usage();
    }
    return order(&a, &w);
}

static int run_clear(int argc, char **argv)
{
    return run_plain(argc, argv, BELLHOP_CONTROL_CLEAR);
}

static int run_enable(int argc, char **argv)
{
    return run_plain(argc, argv, BELLHOP_CONTROL_ENABLE);
}

static int run_disable(int argc, char **argv)
{
    return run_plain(argc, argv, BELLHOP_CONTROL_DISABLE);
}

const struct command command_set = {
    .name = "set",
    .synopsis = "--pid P [--tid T] | --exe PATTERN | --all  KEY=VALUE[;PROPERTY...]...",
    .summary = "Sets baggage of running programs",
    .help = "The next request of these programs carries the members, all of them at once. A\n"
            "member of the same key that was set before is replaced. What is set for a thread is\n"
            "stronger than for its process, and this than for all.\n"
            "\n" TARGET_HELP EXIT_HELP,
    .run = run_set,
};

const struct command command_unset = {
    .name = "unset",
    .synopsis = "--pid P [--tid T] | --exe PATTERN | --all  KEY...",
    .summary = "Removes members that were set",
    .help = "With --all, from single processes and threads as well.\n"
            "\n" TARGET_HELP EXIT_HELP,
    .run = run_unset,
};

const struct command command_clear = {
    .name = "clear",
    .synopsis = "--pid P [--tid T] | --exe PATTERN | --all",
    .summary = "Removes all members that were set",
    .help = "Of a process, those of its threads as well; with --all, everything.\n"
            "\n" TARGET_HELP EXIT_HELP,
    .run = run_clear,
};

const struct command command_enable = {
    .name = "enable",
    .synopsis = "--pid P | --exe PATTERN | --all",
    .summary = "Lets programs carry baggage again",
    .help = TARGET_HELP EXIT_HELP,
    .run = run_enable,
};

const struct command command_disable = {
    .name = "disable",
    .synopsis = "--pid P | --exe PATTERN | --all",
    .summary = "Stops programs from carrying baggage",
    .help = "From the next request on, they carry nothing at all, wherever it comes from.\n"
            "\n" TARGET_HELP EXIT_HELP,
    .run = run_disable,
};
