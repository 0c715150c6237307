/* testtool rules FILE QUESTION...: what the policy of a settings file says. FILE "-" is no policy.
 */
#include <stdio.h>
#include <stdlib.h>

#include "policy/inbound.h"
#include "policy/profile.h"
#include "policy/sha256.h"
#include "policy/template.h"
#include "settings/settings.h"
#include "settings/verify.h"
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

static void print_changed(const struct policy *p, const struct verdict *v, const struct member *m,
                          bool hashed)
{
    char hash[POLICY_HASH_LEN];
    struct span text = policy_fixed(p, v->rule, member_key(m));
    if (hashed) {
        policy_hash(p, m, hash);
        text = span_make(hash, sizeof hash);
    }
    printf(" %.*s%.*s", (int)m->key_len, m->at, (int)text.len, text.at);
}

/* HOST PORT ADDRESS METHOD PATH BAGGAGE, "-" for what is not known: the rule and what may go. */
static int outbound(const struct policy *p, char **args)
{
    static struct baggage b;
    struct span text[5];
    unsigned long port = 0;
    for (int i = 0; i < 5; i++)
        text[i] = strcmp(args[i], "-") != 0 ? span_of(args[i]) : SPAN("");
    span_uint(text[1], 65535, &port);
    struct target to = { .host = text[0],
                         .port = (uint16_t)port,
                         .address = text[2],
                         .method = text[3],
                         .path = text[4] };
    baggage_parse(&b, span_of(args[5]));
    struct verdict v = policy_outbound(p, &to, &b);
    if (v.members & v.fixed || v.members & v.hashed || v.fixed & v.hashed)
        return 3;
    printf("%d%s ", v.rule, v.off ? " off" : "");
    print_list(&b, v.members);
    for (uint32_t i = 0; i < b.count; i++)
        if ((v.fixed | v.hashed) >> i & 1)
            print_changed(p, &v, &b.member[i], v.hashed >> i & 1);
    printf("\nfit ");
    print_list(&b, policy_fit(p, &v, &b, v.members | v.fixed | v.hashed, 0, 0));
    return v.hashed & ~policy_hashes(p, &b) ? 3 : 0;
}

static int children(const struct policy *p, char **args)
{
    static struct baggage b;
    baggage_parse(&b, span_of(args[0]));
    print_list(&b, policy_handed_over(p, &b));
    return 0;
}

static int members(const struct policy *p, char **args)
{
    (void)args;
    print_list(policy_set(p), MEMBERS_ALL);
    return 0;
}

/* [KEY]: SHA-256 of standard input, or its HMAC. */
static int hash(const struct policy *p, char **args)
{
    unsigned char sum[SHA256_LEN];
    char part[1000];
    struct hmac_key key;
    struct sha256 h;
    (void)p;
    sha256_init(&h);
    if (args[0]) {
        hmac_key_init(&key, span_of(args[0]));
        h = hmac_begin(&key);
    }
    for (size_t len, want = 1; (len = fread(part, 1, want, stdin)) > 0; want = want % 1000 + 1)
        sha256_add(&h, part, len);
    if (args[0])
        hmac_end(&key, &h, sum);
    else
        sha256_end(&h, sum);
    for (size_t i = 0; i < sizeof sum; i++)
        printf("%02x", sum[i]);
    putchar('\n');
    return 0;
}

/* EXE ARGV...: whether the shim goes into that program, or why not. */
static int program(const struct policy *p, char **args)
{
    const char *reason;
    char room[POLICY_ARGUMENTS];
    struct buf arguments = buf_over(room, sizeof room);
    policy_arguments(args[1] ? args + 1 : NULL, &arguments);
    bool wanted = policy_wants_program(p, span_of(args[0]), buf_span(&arguments), &reason);
    puts(wanted ? "yes" : reason);
    return wanted == !reason ? 0 : 3;
}

/* The lines of a head, as the framers would tell them; `room` has LINES places. */
enum { LINES = 256, HEAD = 1 << 20 };

static size_t read_lines(const struct policy *p, struct span head, struct inbound_field *room,
                         struct baggage *came)
{
    size_t count = 0;
    while (head.len && count < LINES) {
        struct span value, line = span_cut(head, '\n', &head);
        uint8_t field = http_watch_find(policy_watch(p), span_cut(line, ':', &value));
        value = span_trim(value);
        if (field == HTTP_BAGGAGE)
            baggage_parse(came, value);
        else if (field >= HTTP_FORWARD && field != HTTP_FIELD_NONE)
            room[count++] = (struct inbound_field){ field, value };
    }
    return count;
}

static char *read_head(struct span *head)
{
    char *at = malloc(HEAD);
    size_t len = at ? fread(at, 1, HEAD, stdin) : 0;
    char *exact = realloc(at, len ? len : 1); /* so that a step too far is seen */
    *head = span_make(exact, len);
    return exact;
}

/* PEER PORT, and a head on standard input: what is let in, what is made, and by which lines. */
static int inbound(const struct policy *p, char **args)
{
    static struct baggage came, list;
    static struct inbound_field field[LINES];
    static char room[LIMIT_LIST];
    int lines[LIMIT_MEMBERS];
    unsigned long port = 0;
    struct span head, rest;
    char *text = read_head(&head);
    struct span request = span_cut(head, '\n', &rest);
    struct inbound in = { .field = field, .came = &came, .peer_unix = !strcmp(args[0], "unix") };
    span_cut(request, ' ', &request);
    in.target = span_cut(request, ' ', &request);
    in.peer = !in.peer_unix && strcmp(args[0], "-") != 0 ? span_of(args[0]) : SPAN("");
    span_uint(span_of(args[1]), 65535, &port);
    in.port = (uint16_t)port;
    in.fields = read_lines(p, rest, field, &came);
    struct buf made = buf_over(room, sizeof room);
    member_set set = policy_inbound_lines(p, &in, &made, lines);
    printf("in ");
    print_list(&came, set);
    printf("made %.*s%s\n", (int)made.len, made.at, made.cut ? " (cut)" : "");
    baggage_parse(&list, buf_span(&made));
    printf("lines");
    for (uint32_t i = 0; i < list.count; i++)
        printf(" %d", lines[i]);
    printf("\nwants%s%s\n", policy_wants_target(p) ? " target" : "",
           policy_wants_peer(p) ? " peer" : "");
    free(text);
    return list.dropped ? 3 : 0;
}

static const struct question {
    const char *name;
    int args; /* at least */
    int (*ask)(const struct policy *p, char **args);
} questions[] = {
    { "confidence", 1, confidence }, { "released", 2, released }, { "watch", 0, watch },
    { "inbound", 2, inbound },       { "outbound", 6, outbound }, { "children", 1, children },
    { "members", 0, members },       { "sha256", 0, hash },       { "program", 1, program },
};

static void report(void *arg, const char *file, int line, bool is_error, const char *message)
{
    (void)arg, (void)is_error;
    fprintf(stderr, "%s:%d: %s\n", file, line, message);
}

static int answer(const struct policy *p, int argc, char **argv)
{
    for (size_t i = 0; argc > 2 && i < sizeof questions / sizeof *questions; i++)
        if (strcmp(argv[2], questions[i].name) == 0 && argc - 3 >= questions[i].args)
            return questions[i].ask(p, argv + 3);
    fprintf(stderr, "testtool rules FILE confidence EXE... | released LEAST BAGGAGE | watch |"
                    " inbound PEER PORT | outbound HOST PORT ADDRESS METHOD PATH BAGGAGE |"
                    " children BAGGAGE | program EXE ARGV...\n");
    return 2;
}

/* As a program that was handed the settings over has them. */
static int ask_image(int argc, char **argv)
{
    const struct policy *p = tool_policy_by_image(argv[1]);
    return p ? answer(p, argc, argv) : 1;
}

int tool_rules(int argc, char **argv)
{
    struct policy *p = NULL;
    if (argc > 1 && strcmp(argv[1], "-") != 0 && getenv("RULES_BY_IMAGE"))
        return ask_image(argc, argv);
    if (argc > 1 && strcmp(argv[1], "-") != 0 &&
        !(p = bellhop_settings_load(SETTINGS_ABI, argv[1], report, NULL)))
        return 1;
    if (policy_needs_verifier(p))
        policy_set_verifier(p, bellhop_token_verifier(VERIFIER_ABI));
    int status = answer(p, argc, argv);
    policy_free(p);
    return status;
}
