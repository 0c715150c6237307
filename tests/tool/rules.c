/* testtool rules FILE QUESTION...: what the policy of a settings file says. FILE "-" is no policy.
 */
#include <stdio.h>
#include <stdlib.h>

#include "policy/policy.h"
#include "policy/profile.h"
#include "settings/settings.h"
#include "tool.h"

static void print_list(const struct baggage *b, member_set set)
{
    static char out[LIMIT_LIST];
    size_t len = baggage_format(b, set, out, sizeof out);
    printf("%.*s\n", (int)len, len ? out : "");
}

/* EXE...: the least confidence of each program, and the built-in reason if there is one. */
static int confidence(const struct policy *p, char **args)
{
    for (; *args; args++) {
        const char *reason = "";
        profile_of(span_of(*args), &reason);
        printf("%s\t%s\n", confidence_name(policy_confidence(p, span_of(*args))), reason);
    }
    return 0;
}

/* LEAST BAGGAGE: what may apply at each confidence. */
static int released(const struct policy *p, char **args)
{
    static struct baggage b;
    enum confidence least;
    if (!confidence_parse(span_of(args[0]), &least))
        return 2;
    baggage_parse(&b, span_of(args[1]));
    for (enum confidence now = CONFIDENCE_NONE; now <= CONFIDENCE_LIVE; now++) {
        printf("%s\t", confidence_name(now));
        print_list(&b, policy_released(p, least, now, &b));
    }
    return 0;
}

/* The headers to look for; those that are forwarded with a >. */
static int watch(const struct policy *p, char **args)
{
    const struct http_watch *w = policy_watch(p);
    (void)args;
    for (unsigned i = HTTP_FORWARD; i < HTTP_FORWARD + w->count; i++) {
        struct span name = http_watch_name(w, i);
        printf("%s%.*s\n", policy_forwarded(p) >> i & 1 ? ">" : "", (int)name.len, name.at);
    }
    return 0;
}

static const struct question {
    const char *name;
    int args; /* at least */
    int (*ask)(const struct policy *p, char **args);
} questions[] = {
    { "confidence", 1, confidence },
    { "released", 2, released },
    { "watch", 0, watch },
};

static void report(void *arg, const char *file, int line, bool is_error, const char *message)
{
    (void)arg, (void)is_error;
    fprintf(stderr, "%s:%d: %s\n", file, line, message);
}

int tool_rules(int argc, char **argv)
{
    struct policy *p = NULL;
    if (argc > 1 && strcmp(argv[1], "-") != 0 &&
        !(p = bellhop_settings_load(SETTINGS_ABI, argv[1], report, NULL)))
        return 1;
    for (size_t i = 0; argc > 2 && i < sizeof questions / sizeof *questions; i++) {
        if (strcmp(argv[2], questions[i].name) != 0 || argc - 3 < questions[i].args)
            continue;
        int status = questions[i].ask(p, argv + 3);
        policy_free(p);
        return status;
    }
    fprintf(stderr, "testtool rules FILE confidence EXE... | released LEAST BAGGAGE | watch\n");
    policy_free(p);
    return 2;
}
