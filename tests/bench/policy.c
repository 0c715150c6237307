/* What decisions cost: a line each, "NAME MICROSECONDS", the median of some rounds. */
#include "bench.h"
#include "policy/draft_inbound.h"
#include "policy/inbound.h"
#include "policy/token.h"

enum { RULES = 1000, ROUNDS = 9, TURNS = 300, LONG = 8000 };

static struct baggage came;
static char made_room[LIMIT_LIST];
static volatile member_set sink;

/* A thousand outbound rules of all kinds, of which the last one is for everything. */
static struct policy *outbound_rules(void)
{
    static const struct {
        const char *before, *after;
    } forms[] = { { "host-", ".example.com" },
                  { "*.team-", ".example.com" },
                  { "10.", ".0.0/16" },
                  { "host-", ".example.com:8080" } };
    struct policy_draft *d = policy_draft_new();
    char text[64];
    for (int i = 0; i < RULES; i++) {
        snprintf(text, sizeof text, "%s%d%s", forms[i % 4].before, i % 256, forms[i % 4].after);
        policy_draft_rule(d, 0);
        policy_draft_host(d, span_of(i == RULES - 1 ? "*" : text));
        policy_draft_key(d, SPAN("tenant-*"));
        if (i % 8 == 7)
            policy_draft_path(d, SPAN("/v*/orders/**"));
    }
    return policy_freeze(d);
}

/* A thousand trust rules, the last of which is for the peer, and a thousand that make something. */
static struct policy *inbound_rules(void)
{
    struct policy_draft *d = policy_draft_new();
    char net[32], name[32], key[32];
    for (int i = 0; i < RULES; i++) {
        snprintf(net, sizeof net, "10.%d.%d.0/24", i / 256, i % 256);
        policy_draft_trust(d, 0);
        policy_draft_trust_peer(d, span_of(i == RULES - 1 ? "*" : net));
        policy_draft_trust_key(d, SPAN("tenant-*"));
        snprintf(name, sizeof name, "name-%d", i % 15);
        snprintf(key, sizeof key, "key-%d", i);
        struct make_spec spec = { .key = span_of(key), .match = SPAN("[0-9]*x") };
        *(i % 3 == 0 ? &spec.header : i % 3 == 1 ? &spec.cookie : &spec.query) = span_of(name);
        policy_draft_make(d, &spec);
    }
    return policy_freeze(d);
}

static struct policy *token_rules(void)
{
    struct policy_draft *d = policy_draft_new();
    struct token_spec token = { .name = SPAN("t"),
                                .header = SPAN("authorization"),
                                .unverified = true };
    struct make_spec spec = { .key = SPAN("a"), .claim = SPAN("sub"), .token = SPAN("t") };
    policy_draft_token(d, &token);
    policy_draft_make(d, &spec);
    return policy_freeze(d);
}

static void ask_outbound(const struct policy *p, struct span unused)
{
    struct target to = { .host = SPAN("service.example.com"),
                         .port = 80,
                         .address = SPAN("192.0.2.1"),
                         .method = SPAN("GET"),
                         .path = SPAN("/v1/users/7") };
    (void)unused;
    sink = policy_outbound(p, &to, &came).members;
}

static void ask_inbound(const struct policy *p, struct span value)
{
    struct inbound_field field = { .field = HTTP_FORWARD, .value = value };
    struct inbound in = { .target = SPAN("/v1/users/7?name-2=5x&b=1"),
                          .field = &field,
                          .fields = 1,
                          .peer = SPAN("192.0.2.1"),
                          .port = 80,
                          .came = &came };
    struct buf made = buf_over(made_room, sizeof made_room);
    sink = policy_inbound(p, &in, &made);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *name, struct policy *p,
                    void (*ask)(const struct policy *p, struct span value), struct span value)
{
    double us[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        double from = clock_ns(CLOCK_THREAD_CPUTIME_ID);
        for (int i = 0; i < TURNS; i++)
            ask(p, value);
        us[round] = (clock_ns(CLOCK_THREAD_CPUTIME_ID) - from) / TURNS / 1000;
    }
    qsort(us, ROUNDS, sizeof *us, by_value);
    printf("%s %.2f\n", name, us[ROUNDS / 2]);
    policy_free(p);
}

int main(void)
{
    static char garbage[LONG], json[LONG + 2];
    baggage_parse(&came, SPAN("user-id=1,tenant-id=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9,j=10"));
    memset(garbage, '.', sizeof garbage);
    memset(json, 'A', sizeof json);
    memcpy(json, "e30.", 4); /* "{}", then a payload that is no JSON from its first byte on */
    json[sizeof json - 2] = '.';
    measure("policy.outbound_1000", outbound_rules(), ask_outbound, SPAN(""));
    measure("policy.inbound_1000", inbound_rules(), ask_inbound, SPAN("5x"));
    measure("policy.token_garbage", token_rules(), ask_inbound, span_make(garbage, LONG));
    measure("policy.token_long", token_rules(), ask_inbound, span_make(json, sizeof json));
    /* {"  ... a name without end: the longest walk over something that is no token. */
    memcpy(json + 4, "eyIg", 4);
    for (int i = 8; i + 4 < LONG; i += 4)
        memcpy(json + i, "ICAg", 4);
    measure("policy.token_name", token_rules(), ask_inbound, span_make(json, sizeof json));
    return 0;
}
