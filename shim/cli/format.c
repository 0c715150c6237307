#include "cli/cli.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUT_MAX = 1 << 22, COMPLAINTS = 10 };

/* A list under construction. The members lie in `text`, whose size allows for any legal list. */
struct draft {
    char text[LIMIT_MEMBERS][LIMIT_LIST];
    struct baggage list;
    size_t left_out;
};

/* Says why a member is left out, for the first few: input may be hostile (STANDARD E20). */
static void leave_out(struct draft *d, struct span key, const char *why)
{
    if (d->left_out++ < COMPLAINTS)
        say("\"%.*s\" is left out: it %s", (int)(key.len < 63 ? key.len : 63),
            key.len ? key.at : "", why);
}

static void add_text(struct draft *d, struct span key, size_t len)
{
    uint32_t before = d->list.count;
    baggage_parse(&d->list, span_make(d->text[before], len));
    if (d->list.count == before)
        leave_out(d, key, "goes over the limit of 64 members or 8192 bytes");
}

static void add_object(struct draft *d, const json_t *m)
{
    const json_t *key = json_object_get(m, "key"), *value = json_object_get(m, "value");
    const json_t *meta = json_object_get(m, "metadata");
    struct span k = span_make(json_string_value(key), json_string_length(key));
    struct span v = span_make(json_string_value(value), json_string_length(value));
    struct span p = span_make(json_string_value(meta), json_string_length(meta));
    if (!k.at || !v.at || (meta && !p.at)) {
        leave_out(d, k, "needs \"key\", \"value\" and, if any, \"metadata\", all strings");
        return;
    }
    if (d->list.count == LIMIT_MEMBERS) {
        leave_out(d, k, "goes over the limit of 64 members or 8192 bytes");
        return;
    }
    char *at = d->text[d->list.count];
    size_t len = member_compose(k, v, p, at, LIMIT_LIST);
    if (len)
        add_text(d, k, len);
    else if (!baggage_is_key(k))
        leave_out(d, k, "is no valid key");
    else if (!member_compose(k, SPAN(""), p, at, LIMIT_LIST))
        leave_out(d, k, "has metadata that cannot be sent");
    else
        leave_out(d, k, "is longer than a member can be");
}

static int add_json(struct draft *d)
{
    size_t len;
    char *input = read_input(INPUT_MAX, &len);
    if (!input)
        return EXIT_FAULT;
    json_error_t error;
    json_t *root = json_loadb(input, len, JSON_ALLOW_NUL, &error);
    const json_t *members = json_object_get(root, "members");
    int status = EXIT_OK;
    free(input);
    if (len == INPUT_MAX) {
        say("the input is longer than %d bytes", INPUT_MAX);
        status = EXIT_FAULT;
    } else if (!root) {
        say("line %d, column %d: %s", error.line, error.column, error.text);
        status = EXIT_FAULT;
    } else if (!json_is_array(members)) {
        say("the input is no object with an array \"members\"");
        status = EXIT_FAULT;
    } else {
        for (size_t i = 0; i < json_array_size(members); i++)
            add_object(d, json_array_get(members, i));
    }
    json_decref(root);
    return status;
}

static int add_arguments(struct draft *d, char **args)
{
    for (; *args; args++) {
        const char *fault;
        if (d->list.count == LIMIT_MEMBERS) {
            leave_out(d, span_make(*args, (size_t)key_len(*args)),
                      "goes over the limit of 64 members or 8192 bytes");
            continue;
        }
        char *at = d->text[d->list.count];
        size_t len = member_from_text(span_of(*args), at, LIMIT_LIST, &fault);
        if (!len) {
            say("'%.*s' %s", key_len(*args), *args, fault);
            return EXIT_USAGE;
        }
        add_text(d, span_make(*args, (size_t)key_len(*args)), len);
    }
    return EXIT_OK;
}

static void print_list(const struct draft *d)
{
    char value[LIMIT_LIST];
    size_t len = baggage_format(&d->list, MEMBERS_ALL, value, sizeof value);
    if (len)
        printf("%.*s\n", (int)len, value);
    if (d->left_out > COMPLAINTS)
        say("%zu members are left out in all", d->left_out);
}

static int run(int argc, char **argv)
{
    static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { 0 } };
    static struct draft d;
    bool json = false;
    for (int o; (o = getopt_long(argc, argv, "j", options, NULL)) != -1; json = true)
        if (o == '?')
            return usage();
    if (json == (optind < argc)) {
        say(json ? "with --json, members are read from standard input only"
                 : "members are missing: give --json, or some KEY=VALUE");
        return usage();
    }
    baggage_init(&d.list);
    int status = json ? add_json(&d) : add_arguments(&d, argv + optind);
    if (status == EXIT_OK)
        print_list(&d);
    return status;
}

const struct command command_format = {
    .name = "format",
    .synopsis = "--json | KEY=VALUE[;PROPERTY...]...",
    .summary = "Makes a baggage header value",
    .help = "Prints the value of the baggage header that carries the members given; nothing if\n"
            "none is left. Values are plain text and are percent-encoded.\n"
            "\n"
            "  -j, --json  read {\"members\":[{\"key\":..,\"value\":..,\"metadata\":..}]} from "
            "standard\n"
            "              input, as 'bellhop parse --json' prints it; other names are ignored.\n"
            "              A member that cannot be sent (its key is no token, its metadata is\n"
            "              malformed, it goes over the limits) is left out and named on standard\n"
            "              error; the rest is printed, and the exit code is 0.\n"
            "\n"
            "A value on the command line that is legal in a header, escapes like %20 included, is\n"
            "kept as it is; any other is taken for plain text.\n"
            "\n"
            "Exit codes: 0, 1 the input is no such JSON, 2 the command line is wrong.\n",
    .run = run,
};
