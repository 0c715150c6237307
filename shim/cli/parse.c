#include "cli/cli.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* Beyond LIMIT_RAW the parser looks at nothing, so the rest of a longer input says nothing new. */
enum { INPUT_MAX = 1 << 20 };

static json_t *json_text(const char *at, size_t len)
{
    return json_stringn(at, len); /* NULL if it were not UTF-8 */
}

static json_t *member_object(const struct member *m)
{
    static char value[3 * LIMIT_LIST], meta[LIMIT_LIST];
    size_t value_len = percent_decode(member_value(m), value, sizeof value);
    size_t meta_len = meta_format(m, meta, sizeof meta);
    if (value_len == SIZE_MAX)
        return NULL;
    return json_pack("{s:o, s:o, s:o}", "key", json_text(m->at, m->key_len), "value",
                     json_text(value, value_len), "metadata", json_text(meta, meta_len));
}

static int print_json(const struct baggage *b)
{
    json_t *members = json_array();
    int status = EXIT_FAULT;
    for (uint32_t i = 0; i < b->count; i++)
        json_array_append_new(members, member_object(&b->member[i]));
    json_t *all = json_pack("{s:O, s:I, s:I}", "members", members, "dropped",
                            (json_int_t)b->dropped, "bytes", (json_int_t)b->bytes);
    if (all && json_array_size(members) == b->count &&
        json_dumpf(all, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER) == 0) {
        putchar('\n');
        status = EXIT_OK;
    } else {
        say("out of memory");
    }
    json_decref(all);
    json_decref(members);
    return status;
}

/* For a terminal: what would steer it is shown as \xNN, and so is the backslash. */
static void print_escaped(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)at[i];
        bool c1 = c == 0xc2 && i + 1 < len && (unsigned char)at[i + 1] < 0xa0;
        if (c >= 0x20 && c != 0x7f && c != '\\' && !c1)
            putchar(c);
        else if (!c1)
            printf("\\x%02x", c);
        else
            printf("\\x%02x", (unsigned char)at[++i]);
    }
}

static int print_table(const struct baggage *b)
{
    static char value[3 * LIMIT_LIST], meta[LIMIT_LIST];
    for (uint32_t i = 0; i < b->count; i++) {
        const struct member *m = &b->member[i];
        size_t len = percent_decode(member_value(m), value, sizeof value);
        printf("%-24.*s ", (int)m->key_len, m->at);
        print_escaped(value, len == SIZE_MAX ? 0 : len);
        len = meta_format(m, meta, sizeof meta);
        printf("%s%.*s%s\n", len ? "  (" : "", (int)len, meta, len ? ")" : "");
    }
    printf("%u members, %u bytes, %u dropped\n", b->count, b->bytes, b->dropped);
    return EXIT_OK;
}

static void parse_lines(struct baggage *b, struct span input, char separator)
{
    baggage_init(b);
    while (input.len)
        baggage_parse(b, span_cut(input, separator, &input));
}

static int run(int argc, char **argv)
{
    static const struct option options[] = { { "json", no_argument, NULL, 'j' },
                                             { "null", no_argument, NULL, '0' },
                                             { 0 } };
    static struct baggage b;
    bool json = false;
    char separator = '\n';
    for (int o; (o = getopt_long(argc, argv, "0j", options, NULL)) != -1;) {
        if (o == '?')
            return usage();
        if (o == '0')
            separator = 0;
        else
            json = true;
    }
    if (optind < argc) {
        say("unexpected argument '%s'; header values are read from standard input", argv[optind]);
        return usage();
    }
    size_t len;
    char *input = read_input(INPUT_MAX, &len);
    if (!input)
        return EXIT_FAULT;
    parse_lines(&b, span_make(input, len), separator);
    int status = json ? print_json(&b) : print_table(&b);
    free(input);
    return status;
}

const struct command command_parse = {
    .name = "parse",
    .synopsis = "[-0] [--json]",
    .summary = "Shows what baggage header values say",
    .help =
        "Reads the values of a request's baggage headers from standard input, one a line, and\n"
        "shows the members of the one list that they are: key, decoded value, metadata.\n"
        "Malformed members, and those above the limits of 64 members or 8192 bytes, are left\n"
        "out and counted. A carriage return belongs to no value: it makes a member malformed.\n"
        "\n"
        "  -j, --json  print {\"members\":[{\"key\":..,\"value\":..,\"metadata\":..}],\n"
        "              \"dropped\":N,\"bytes\":N}; bytes is the length of the list as it is sent.\n"
        "              A value that is not UTF-8 has U+FFFD where it is not.\n"
        "  -0, --null  values end with a NUL character instead of a newline\n"
        "\n"
        "Exit codes: 0, 1 input or output failed, 2 the command line is wrong.\n",
    .run = run,
};
