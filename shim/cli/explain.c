#include "cli/explain.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "policy/address.h"
#include "settings/settings.h"
#include "settings/verify.h"

static struct explained *add(struct explanation *x, enum origin origin, const struct member *m)
{
    struct explained *one = &x->of[x->count++];
    *one = (struct explained){ .origin = origin, .member = *m, .applies = true };
    return one;
}

static void keep_out(struct explained *one, const char *why)
{
    one->applies = false;
    one->why = why;
}

/* What came in, and what rules made of it (DESIGN.md 5, the current request). */
static void explain_request(struct explanation *x, const struct policy *p, const struct example *e,
                            const struct question *q)
{
    int lines[LIMIT_MEMBERS];
    struct buf made = buf_over(x->made, sizeof x->made);
    int trust = policy_trust_line(p, &e->in, &x->trust_sure);
    member_set in = policy_inbound_lines(p, &e->in, &made, lines);
    member_set released = policy_released(p, q->least, q->now, &e->came);
    baggage_parse(&x->made_list, buf_span(&made));
    member_set made_released = policy_released(p, q->least, q->now, &x->made_list);
    for (uint32_t i = 0; i < e->came.count; i++) {
        struct explained *one = add(x, FROM_REQUEST, &e->came.member[i]);
        one->let_in = in >> i & 1;
        one->line = trust;
        if (baggage_find(&x->made_list, member_key(&one->member)) >= 0 && !one->let_in)
            keep_out(one, "a rule made one of this key");
        else if (!one->let_in)
            keep_out(one, "it is not let in");
        else if (!(released >> i & 1))
            keep_out(one, "it is not sure enough whose it is");
    }
    for (uint32_t i = 0; i < x->made_list.count; i++) {
        struct explained *one = add(x, FROM_RULE, &x->made_list.member[i]);
        one->line = lines[i];
        if (!(made_released >> i & 1))
            keep_out(one, "it is not sure enough whose it is");
    }
}

/* The stronger source wins: set, the request, default. */
static void explain_sources(struct explanation *x, const struct policy *p)
{
    for (size_t i = 0; i < x->count; i++) {
        struct explained *one = &x->of[i];
        if (one->applies && baggage_find(policy_set(p), member_key(&one->member)) >= 0)
            keep_out(one, "\"set\" has the same key");
    }
    size_t of_request = x->count;
    for (uint32_t i = 0; i < policy_default(p)->count; i++) {
        struct explained *one = add(x, FROM_DEFAULT, &policy_default(p)->member[i]);
        for (size_t k = 0; k < of_request; k++)
            if (x->of[k].applies &&
                span_equal(member_key(&x->of[k].member), member_key(&one->member)))
                keep_out(one, "the request has the same key");
        if (baggage_find(policy_set(p), member_key(&one->member)) >= 0)
            keep_out(one, "\"set\" has the same key");
    }
    for (uint32_t i = 0; i < policy_set(p)->count; i++)
        add(x, FROM_SET, &policy_set(p)->member[i]);
}

static const char *stays_because(const struct verdict *v, bool chosen)
{
    if (chosen)
        return "the list would be too long";
    if (v->off)
        return "nothing goes there";
    return v->rule == RULE_NO_MATCH   ? "no rule is for this host"
           : v->rule == RULE_NONE_SET ? "it never leaves"
                                      : "the rule does not name it, or it never leaves";
}

static void explain_outbound(struct explanation *x, const struct policy *p,
                             const struct question *q)
{
    for (size_t i = 0; i < x->count; i++)
        if (x->of[i].applies && !baggage_add(&x->all, &x->of[i].member))
            keep_out(&x->of[i], "the list would be too long");
    x->verdict = policy_outbound(p, &q->to, &x->all);
    member_set chosen = x->verdict.members | x->verdict.fixed | x->verdict.hashed;
    member_set fit = policy_fit(p, &x->verdict, &x->all, chosen, 0, 0);
    for (size_t i = 0, k = 0; i < x->count; i++) {
        if (!x->of[i].applies)
            continue;
        if (!(fit >> k & 1))
            x->of[i].why = stays_because(&x->verdict, chosen >> k & 1);
        else
            x->of[i].fate = x->verdict.hashed >> k & 1  ? LEAVES_HASHED
                            : x->verdict.fixed >> k & 1 ? LEAVES_FIXED
                                                        : LEAVES;
        k++;
    }
}

void explain(struct explanation *x, const struct policy *p, const struct example *e,
             const struct question *q)
{
    x->count = 0;
    baggage_init(&x->all);
    baggage_init(&x->made_list);
    explain_request(x, p, e, q);
    explain_sources(x, p);
    explain_outbound(x, p, q);
}

/* --- the command ------------------------------------------------------------------------------ */

struct arguments {
    const char *settings, *request, *url, *peer, *method;
    unsigned long port;
    bool json, values;
    const char *program, *confidence;
};

static bool take(struct arguments *a, int option)
{
    switch (option) {
    case 's':
        a->settings = optarg;
        break;
    case 'r':
        a->request = optarg;
        break;
    case 't':
        a->url = optarg;
        break;
    case 'p':
        a->peer = optarg;
        break;
    case 'o':
        return span_uint(span_of(optarg), 65535, &a->port);
    case 'm':
        a->method = optarg;
        break;
    case 'x':
        a->program = optarg;
        break;
    case 'c':
        a->confidence = optarg;
        break;
    case 'j':
        a->json = true;
        break;
    case 'v':
        a->values = true;
        break;
    default:
        return false;
    }
    return true;
}

static bool read_arguments(struct arguments *a, int argc, char **argv)
{
    static const struct option options[] = {
        { "settings", 1, NULL, 's' },
        { "request", 1, NULL, 'r' },
        { "to", 1, NULL, 't' },
        { "peer", 1, NULL, 'p' },
        { "port", 1, NULL, 'o' },
        { "method", 1, NULL, 'm' },
        { "program", 1, NULL, 'x' },
        { "json", 0, NULL, 'j' },
        { "values", 0, NULL, 'v' },
        { "confidence", 1, NULL, 'c' },
        { 0 },
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!take(a, option))
            return false;
    if (a->settings && a->request && a->url && optind == argc)
        return true;
    say(optind < argc ? "there are arguments too many"
                      : "--settings, --request and --to are all needed");
    return false;
}

static struct span path_of_url(struct span url)
{
    const char *scheme = memmem(url.at, url.len, "://", 3);
    struct span rest =
        scheme ? span_make(scheme + 3, url.len - (size_t)(scheme + 3 - url.at)) : url;
    const char *path = rest.len ? memchr(rest.at, '/', rest.len) : NULL;
    return path ? span_make(path, (size_t)(rest.at + rest.len - path)) : SPAN("/");
}

static bool read_question(struct question *q, const struct arguments *a, const struct policy *p)
{
    struct address literal;
    struct span url = span_of(a->url);
    *q = (struct question){ .now = CONFIDENCE_LIVE };
    if (!url_split(url, &q->to) && !url_split_bare(url, &q->to)) {
        say("'%s' is no URL with a host", a->url);
        return false;
    }
    if (address_parse(q->to.host, &literal))
        q->to.address = q->to.host;
    q->to.method = span_of(a->method);
    q->to.path = path_of_url(url);
    q->least = policy_confidence(p, span_of(a->program));
    if (!a->confidence || confidence_parse(span_of(a->confidence), &q->now))
        return true;
    say("the confidence '%s' is none of live, immediate, resumed, sole, weak", a->confidence);
    return false;
}

static int answer(const struct arguments *a, struct policy *p)
{
    static struct example example;
    static struct explanation x;
    struct question q;
    int status = EXIT_OK;
    if (!read_question(&q, a, p))
        return usage();
    if (policy_needs_verifier(p))
        policy_set_verifier(p, bellhop_token_verifier(VERIFIER_ABI));
    if (!example_read(&example, a->request, p)) {
        free(example.text);
        return EXIT_FAULT;
    }
    example.in.peer_unix = a->peer && strcmp(a->peer, "unix") == 0;
    example.in.peer = example.in.peer_unix ? SPAN("") : span_of(a->peer);
    example.in.port = (uint16_t)a->port;
    explain(&x, p, &example, &q);
    bool values = a->values || policy_logs_values(p);
    if (!a->json)
        explain_print(&x, p, &q, values);
    else if (!explain_print_json(&x, p, &q, values))
        status = EXIT_FAULT;
    free(example.text);
    return status;
}

static int run(int argc, char **argv)
{
    struct arguments a = { .method = "GET" };
    bool failed = false;
    if (!read_arguments(&a, argc, argv))
        return usage();
    struct policy *p = bellhop_settings_load(SETTINGS_ABI, a.settings, print_fault, &failed);
    if (!p)
        return EXIT_FAULT;
    int status = answer(&a, p);
    policy_free(p);
    return status;
}

const struct command command_explain = {
    .name = "explain",
    .synopsis = "--settings FILE --request FILE --to URL [OPTION...]",
    .summary = "Shows what settings do to one request, member by member",
    .help =
        "Reads a request as a program would that serves it, and says of each member whether it\n"
        "comes in, is made, and leaves with a request to URL, and which line of the settings\n"
        "said so.\n"
        "\n"
        "  --peer ADDRESS      the client's address, or unix; without it, it is not known\n"
        "  --port N            the port that the request came to\n"
        "  --method NAME       of the request to URL; GET if left out\n"
        "  --program PATH      the program that serves it, for its profile\n"
        "  --confidence LEVEL  how sure it is that the one is made for the other; live if left "
        "out\n"
        "  --values            shows values too; without it (and log_values) only keys\n"
        "  --json              one line of JSON\n"
        "\n"
        "Exit codes: 0 it is explained, 1 a file cannot be used, 2 the command line is wrong.\n",
    .run = run,
};
