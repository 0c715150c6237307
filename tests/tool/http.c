#include <stdio.h>
#include <stdlib.h>

#include "http_feed.h"
#include "tool.h"

static const char usage[] =
    "testtool http KIND [OPTION...] [CUTS] <stream    prints the events, or the stream with "
    "fields\n"
    "testtool http batch [CUTS]                        the same for many; each is a line \"LEN "
    "KIND\n"
    "                                                  OPTION...\" and LEN bytes; \".\" ends each "
    "answer\n"
    "KIND     request, response, insert\n"
    "OPTION   --forward NAME        watch this field as well\n"
    "         --field NAME=VALUE    insert: carry it\n"
    "         --methods GHC         response: outstanding requests, H is HEAD, C is CONNECT\n"
    "         --at OFFSET:skip=N    N bytes go by unseen; also answer=STATUS, expect=H\n"
    "         --close               response: the connection ends\n"
    "CUTS     --cut N, --seed S, --all (each way must give the same)\n";

static bool add_act(struct job *j, size_t at, char what, unsigned long number)
{
    if (j->acts == sizeof j->act / sizeof *j->act)
        return false;
    j->act[j->acts++] = (struct act){ at, what, number };
    return true;
}

static bool parse_at(struct job *j, const char *text)
{
    char what[16];
    char method;
    size_t at;
    unsigned long number;

    if (sscanf(text, "%zu:expect=%c", &at, &method) == 2)
        return add_act(j, at, 'e', (unsigned char)method);
    if (sscanf(text, "%zu:%15[a-z]=%lu", &at, what, &number) != 3)
        return false;
    return (strcmp(what, "skip") == 0 || strcmp(what, "answer") == 0) &&
           add_act(j, at, what[0], number);
}

static bool parse_methods(struct job *j, const char *text)
{
    while (*text)
        if (!add_act(j, 0, 'e', (unsigned char)*text++))
            return false;
    return true;
}

static bool parse_field(struct job *j, const char *text)
{
    struct span value;
    const struct span name = span_cut(span_of(text), '=', &value);

    if (!value.at || j->fields == sizeof j->name / sizeof *j->name)
        return false;
    j->name[j->fields] = name;
    j->value[j->fields++] = value;
    http_watch_add(&j->watch, name); /* unless it is there already */
    return true;
}

static bool parse_option(struct job *j, const char *option, const char *value)
{
    if (strcmp(option, "--forward") == 0)
        return http_watch_add(&j->watch, span_of(value)) >= 0;
    if (strcmp(option, "--field") == 0)
        return parse_field(j, value);
    if (strcmp(option, "--methods") == 0)
        return parse_methods(j, value);
    return strcmp(option, "--at") == 0 && parse_at(j, value);
}

static bool parse_kind(struct job *j, const char *name)
{
    static const char *const kinds[] = { "request", "response", "insert" };

    for (int i = 0; i < 3; i++) {
        if (strcmp(name, kinds[i]) == 0) {
            j->kind = (enum job_kind)i;
            return true;
        }
    }
    return false;
}

struct ways {
    struct cuts one;
    bool all;
};

static bool parse_ways(struct ways *w, const char *option, const char *value)
{
    if (strcmp(option, "--cut") == 0)
        w->one.every = strtoul(value, NULL, 10);
    else if (strcmp(option, "--seed") == 0)
        w->one.seed = strtoul(value, NULL, 10);
    else
        return false;
    return true;
}

/* KIND OPTION... CUTS; false if anything is not understood. */
static bool parse(struct job *j, struct ways *w, int argc, char **argv)
{
    *j = (struct job){ .acts = 0 };
    http_watch_init(&j->watch);
    if (argc < 1 || !parse_kind(j, argv[0]))
        return false;
    for (int i = 1; i < argc; i++) {
        const char *const value = i + 1 < argc ? argv[i + 1] : "";

        if (strcmp(argv[i], "--close") == 0)
            j->close = true;
        else if (strcmp(argv[i], "--all") == 0)
            w->all = true;
        else if (!parse_option(j, argv[i], value) && !parse_ways(w, argv[i], value))
            return false;
        else
            i++;
    }
    return true;
}

static bool same(const struct job *j, struct cuts cuts, const struct text *expected)
{
    static struct text got;

    got.len = 0;
    text_put(&got, span_make(NULL, 0));
    feed(j, cuts, &got);
    if (span_equal(span_make(got.at, got.len), span_make(expected->at, expected->len)))
        return true;
    printf("cut every %zu, at %zu, with seed %lu, this differs:\n%s---- from uncut:\n%s",
           cuts.every, cuts.split, cuts.seed, got.at, expected->at);
    return false;
}

/* Long streams are cut in two near their ends and at steps in between. */
static bool same_all_ways(const struct job *j, const struct text *expected)
{
    const size_t stride = j->in.len > 4096 ? j->in.len / 1024 : 1;
    bool ok = true;

    for (size_t every = 1; ok && every < 4; every++)
        ok = same(j, (struct cuts){ .every = every }, expected);
    for (unsigned long seed = 1; ok && seed < 9; seed++)
        ok = same(j, (struct cuts){ .seed = seed }, expected);
    for (size_t at = 1; ok && at < j->in.len; at += at < 512 || j->in.len - at < 512 ? 1 : stride)
        ok = same(j, (struct cuts){ .split = at }, expected);
    return ok;
}

static int run(const struct job *j, const struct ways *w)
{
    static struct text out;

    out.len = 0;
    text_put(&out, span_make(NULL, 0));
    feed(j, w->one, &out);
    if (w->all && !same_all_ways(j, &out))
        return 1;
    fwrite(out.at, 1, out.len, stdout);
    return 0;
}

static struct span read_all(void)
{
    static struct text in;
    char block[65536];
    size_t n;

    while ((n = fread(block, 1, sizeof block, stdin)) > 0)
        text_put(&in, span_make(block, n));
    return span_make(in.at, in.len);
}

static int words(char *line, char **argv, int max)
{
    int argc = 0;

    for (char *w = strtok(line, " \n"); w && argc < max; w = strtok(NULL, " \n"))
        argv[argc++] = w;
    return argc;
}

static int batch(struct ways w)
{
    static char in[1 << 20];
    static char line[4096];
    int failed = 0;

    while (fgets(line, sizeof line, stdin)) {
        char *argv[64];
        const int argc = words(line, argv, 64);
        const size_t len = argc > 1 ? strtoul(argv[0], NULL, 10) : sizeof in;
        struct ways this = w;
        struct job j;

        if (len >= sizeof in || !parse(&j, &this, argc - 1, argv + 1) ||
            fread(in, 1, len, stdin) != len)
            return 2;
        j.in = span_make(in, len);
        failed |= run(&j, &this);
        printf("%s.\n", j.kind == JOB_INSERT ? "\n" : "");
    }
    return failed;
}

int tool_http(int argc, char **argv)
{
    struct ways ways = { .all = false };
    struct job j;

    if (argc > 1 && strcmp(argv[1], "batch") == 0) {
        ways.all = argc > 2 && strcmp(argv[2], "--all") == 0;
        return batch(ways);
    }
    if (argc < 2 || !parse(&j, &ways, argc - 1, argv + 1)) {
        fputs(usage, stderr);
        return 2;
    }
    j.in = read_all();
    return run(&j, &ways);
}
