/* The options that the commands of the control socket share. */
#include <getopt.h>
#include <stdlib.h>

#include "cli/client.h"

static bool number(const char *name, const char *text, uint32_t *out)
{
    unsigned long n;
    if (span_uint(span_of(text), INT32_MAX, &n) && n > 0) {
        *out = (uint32_t)n;
        return true;
    }
    say("%s '%s' is no number of one", name, text);
    return false;
}

static bool take(struct asking *a, int option)
{
    switch (option) {
    case 'c':
        a->control = optarg;
        return true;
    case 'p':
        return number("--pid", optarg, &a->pid);
    case 't':
        return number("--tid", optarg, &a->tid);
    case 'e':
        a->exe = optarg;
        return true;
    case 'a':
        a->all = true;
        return true;
    case 'j':
        a->json = true;
        return true;
    case 'h':
    case 's':
        a->host = optarg;
        return true;
    case 'n':
        return number("--times", optarg, &a->times);
    default:
        return false;
    }
}

static bool is_allowed(int option, unsigned allowed)
{
    switch (option) {
    case 'p':
        return allowed & (ASKING_TARGET | ASKING_ONE);
    case 't':
        return allowed & (ASKING_TARGET | ASKING_THREAD);
    case 'e':
    case 'a':
        return allowed & ASKING_TARGET;
    case 'j':
        return allowed & ASKING_JSON;
    case 'h':
        return allowed & ASKING_HOST;
    case 's':
    case 'n':
        return allowed & ASKING_TOP;
    default:
        return true;
    }
}

static int check(const struct asking *a, unsigned allowed)
{
    int targets = (a->pid > 0) + (a->exe != NULL) + a->all;
    if (!(allowed & (ASKING_TARGET | ASKING_ONE)) || (allowed & ASKING_MAYBE && targets == 0))
        return EXIT_OK;
    if (targets != 1)
        say(allowed & ASKING_ONE ? "--pid is missing"
                                 : "one of --pid, --exe and --all says whom it is for");
    else if (a->tid && !a->pid)
        say("--tid needs --pid");
    else if (a->exe && !*a->exe)
        say("--exe needs a pattern");
    else
        return EXIT_OK;
    return usage();
}

int asking_take(struct asking *a, int argc, char **argv, unsigned allowed)
{
    static const struct option options[] = {
        { "control", required_argument, NULL, 'c' }, { "pid", required_argument, NULL, 'p' },
        { "tid", required_argument, NULL, 't' },     { "exe", required_argument, NULL, 'e' },
        { "all", no_argument, NULL, 'a' },           { "json", no_argument, NULL, 'j' },
        { "host", required_argument, NULL, 'h' },    { "sort", required_argument, NULL, 's' },
        { "times", required_argument, NULL, 'n' },   { 0 }
    };
    *a = (struct asking){ .control = NULL };
    for (int o, at = 0; (o = getopt_long(argc, argv, "", options, &at)) != -1;) {
        if (o != '?' && !is_allowed(o, allowed))
            say("it has no option --%s", options[at].name);
        if (!is_allowed(o, allowed) || !take(a, o))
            return usage();
    }
    return check(a, allowed);
}

void asking_put(const struct asking *a, struct wire_out *w)
{
    if (a->pid)
        wire_put_u32(w, BELLHOP_TAG_PID, a->pid);
    if (a->tid)
        wire_put_u32(w, BELLHOP_TAG_TID, a->tid);
    if (a->exe)
        wire_put(w, BELLHOP_TAG_EXE, span_of(a->exe));
    if (a->all)
        wire_put(w, BELLHOP_TAG_ALL, SPAN(""));
}
