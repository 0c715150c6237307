/* testtool policy: outbound rules, URLs and patterns; one question a line on standard input, one
 * answer a line. An empty field is written "-". */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "policy/address.h"
#include "policy/draft.h"
#include "tool.h"

enum { LINE_MAX_LEN = 1 << 17 };

/* A line of LINE_MAX_LEN bytes, before a page that may not be touched. */
static char *line_room(void)
{
    static char *room;
    if (room)
        return room;
    room = mmap(NULL, LINE_MAX_LEN + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED || mprotect(room, LINE_MAX_LEN, PROT_READ | PROT_WRITE) != 0) {
        perror("testtool: mmap");
        exit(2);
    }
    return room;
}

/* The next line without its newline; it may hold any byte, and ends where memory ends. */
static bool next_line(struct span *out)
{
    char *room = line_room();
    size_t len = 0;
    int c;
    while ((c = getchar()) != EOF && c != '\n')
        if (len < LINE_MAX_LEN)
            room[len++] = (char)c;
    char *at = room + LINE_MAX_LEN - len;
    memmove(at, room, len);
    *out = span_make(at, len);
    return c != EOF || len;
}

static struct span field(struct span *rest)
{
    struct span f = span_cut(*rest, '\t', rest);
    return span_equal(f, SPAN("-")) ? SPAN("") : f;
}

static void print_span(struct span s)
{
    printf("%.*s", (int)s.len, s.len ? s.at : "");
}

static int no_memory(struct policy_draft *d)
{
    puts("no memory");
    policy_draft_free(d);
    return 3;
}

/* "host,host=key,key" */
static int add_rule(struct policy_draft *d, struct span text)
{
    struct span keys, hosts = span_cut(text, '=', &keys);
    int err = policy_draft_rule(d, 0);
    while (!err && hosts.len)
        err = policy_draft_host(d, span_cut(hosts, ',', &hosts));
    while (!err && keys.len)
        err = policy_draft_key(d, span_cut(keys, ',', &keys));
    return err;
}

/* "HOST PORT ADDRESS[@PORT] BAGGAGE", tabs between: the rule, or "none" or "open", and what may go.
 */
static void decide_line(const struct policy *p, struct span text)
{
    static struct baggage b;
    static char out[LIMIT_LIST];
    unsigned long port = 0;
    struct target to = { .host = field(&text) };
    struct span at;
    span_uint(field(&text), 65535, &port);
    to.port = (uint16_t)port;
    to.address = span_cut(field(&text), '@', &at);
    port = 0;
    span_uint(at, 65535, &port);
    to.address_port = (uint16_t)port;
    baggage_init(&b);
    baggage_parse(&b, text);
    struct verdict v = policy_outbound(p, &to, &b);
    if (v.rule >= 0)
        printf("%d\t", v.rule);
    else
        printf("%s\t", v.rule == RULE_NONE_SET ? "open" : "none");
    size_t len = baggage_format(&b, v.members, out, sizeof out);
    printf("%.*s\n", (int)len, len ? out : "");
}

static int decide(int count, char **rules)
{
    struct policy_draft *d = policy_draft_new();
    if (!d)
        return no_memory(d);
    for (int i = 0; i < count; i++) {
        int err = add_rule(d, span_of(rules[i]));
        if (err == -ENOMEM)
            return no_memory(d);
        if (err) {
            fprintf(stderr, "rule %s: %s\n", rules[i], strerror(-err));
            policy_draft_free(d);
            return 2;
        }
    }
    struct policy *p = policy_freeze(d);
    struct span text;
    if (!p)
        return no_memory(NULL);
    while (next_line(&text))
        decide_line(p, text);
    policy_free(p);
    return 0;
}

/* "set|default KEY VALUE METADATA", tabs between: the error's name or "ok"; then both lists. */
static int members(void)
{
    static char out[LIMIT_LIST];
    struct policy_draft *d = policy_draft_new();
    struct span text;
    if (!d)
        return no_memory(d);
    while (next_line(&text)) {
        bool set = span_equal(field(&text), SPAN("set"));
        struct span key = field(&text), value = field(&text);
        int err = (set ? policy_draft_set : policy_draft_default)(d, key, value, text);
        puts(err ? strerrorname_np(-err) : "ok");
    }
    struct policy *p = policy_freeze(d);
    const struct baggage *lists[] = { policy_set(p), policy_default(p) };
    for (int i = 0; i < 2; i++) {
        size_t len = baggage_format(lists[i], MEMBERS_ALL, out, sizeof out);
        printf("%.*s\n", (int)len, len ? out : "");
    }
    policy_free(p);
    return 0;
}

/* The host and port of each line; a host that is an address, in one spelling. */
static int split(const char *how)
{
    struct span text;
    while (next_line(&text)) {
        struct target t;
        struct address a;
        bool ok = strcmp(how, "url") == 0    ? url_split(text, &t)
                  : strcmp(how, "bare") == 0 ? url_split_bare(text, &t)
                                             : authority_split(text, 80, &t);
        if (!ok) {
            puts("-");
            continue;
        }
        if (address_parse(t.host, &a))
            printf("=%016lx%016lx", a.high, a.low);
        else
            print_span(t.host);
        printf("\t%u\n", t.port);
    }
    return 0;
}

static int faults(const char *(*fault)(struct span))
{
    struct span text;
    while (next_line(&text)) {
        const char *why = fault(text);
        puts(why ? why : "ok");
    }
    return 0;
}

/* Nanoseconds of one decision among `count` rules of all kinds, of which only the last matches. */
static int duration(unsigned long count)
{
    static const struct {
        const char *before, *after;
        unsigned long below;
    } forms[] = { { "host-", ".example.com", 1000000 },
                  { "*.team-", ".example.com", 1000000 },
                  { "10.", ".0.0/16", 256 },
                  { "host-", ".example.com:8080", 1000000 } };
    enum { ROUNDS = 2000 };
    struct policy_draft *d = policy_draft_new();
    char text[64];
    for (unsigned long i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%s%lu%s", forms[i % 4].before, i % forms[i % 4].below,
                 forms[i % 4].after);
        policy_draft_rule(d, 0);
        policy_draft_host(d, span_of(text));
        policy_draft_key(d, SPAN("tenant-*"));
    }
    policy_draft_rule(d, 0);
    policy_draft_host(d, SPAN("*"));
    policy_draft_key(d, SPAN("user-id"));
    struct policy *p = policy_freeze(d);
    static struct baggage b;
    baggage_parse(&b, SPAN("user-id=1,tenant-id=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9,j=10"));
    struct target to = { .host = SPAN("service.example.com"),
                         .port = 80,
                         .address = SPAN("192.0.2.1") };
    struct timespec from, until;
    unsigned long sum = 0;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (int i = 0; i < ROUNDS; i++)
        sum += policy_outbound(p, &to, &b).members;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &until);
    long ns = (until.tv_sec - from.tv_sec) * 1000000000 + until.tv_nsec - from.tv_nsec;
    printf("%ld\n", ns / ROUNDS);
    policy_free(p);
    return sum == ROUNDS ? 0 : 1;
}

int tool_policy(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "decide") == 0)
        return decide(argc - 2, argv + 2);
    if (strcmp(what, "members") == 0)
        return members();
    if (strcmp(what, "hosts") == 0)
        return faults(policy_host_fault);
    if (strcmp(what, "keys") == 0)
        return faults(policy_key_fault);
    if (strcmp(what, "duration") == 0 && argc > 2)
        return duration(strtoul(argv[2], NULL, 10));
    if (strcmp(what, "url") == 0 || strcmp(what, "bare") == 0 || strcmp(what, "authority") == 0)
        return split(what);
    fprintf(stderr,
            "testtool policy decide [RULE...] | members | hosts | keys | duration N | url | "
            "bare | authority\n");
    return 2;
}
