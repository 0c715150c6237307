/* A policy out of lines: "=host", ":key", "+" opens a rule, "!k v" sets; the rest are targets. What
 * it decides keeps to what a policy may say, and nothing is read after the draft is gone. */
#include <stdint.h>
#include <stdlib.h>

#include "policy/draft.h"

static void build(struct policy_draft *d, struct span text)
{
    while (text.len) {
        struct span value, line = span_cut(text, '\n', &text);
        if (line.len == 0)
            continue;
        struct span rest = span_make(line.at + 1, line.len - 1);
        if (line.at[0] == '+')
            policy_draft_rule(d, 1);
        else if (line.at[0] == '=')
            policy_draft_host(d, rest);
        else if (line.at[0] == ':')
            policy_draft_key(d, rest);
        else if (line.at[0] == '!') {
            struct span key = span_cut(rest, ' ', &value);
            policy_draft_set(d, key, value, SPAN(""));
            policy_draft_default(d, key, value, value);
        }
    }
}

static void decide(const struct policy *p, struct span host)
{
    static struct baggage b;
    baggage_init(&b);
    baggage_parse(&b, SPAN("a=1,b=2,user-id=3,tenant-id=4,a=5"));
    struct target to = { .host = host, .port = host.len % 3 ? 80 : 0 };
    struct verdict v = policy_outbound(p, &to, &b);
    if ((v.members & ~members_of(&b)) || (v.rule == RULE_NO_MATCH && v.members) ||
        (v.rule == RULE_NONE_SET) != policy_is_open(p) || (v.members & 1) != (v.members >> 4 & 1))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_make((const char *)data, size);
    struct policy_draft *d = policy_draft_new();
    build(d, text);
    struct policy *p = policy_freeze(d);
    if (policy_set(p)->dropped || policy_default(p)->dropped ||
        policy_set(p)->count + policy_default(p)->count > LIMIT_MEMBERS)
        abort();
    while (text.len)
        decide(p, span_cut(text, '\n', &text));
    policy_free(p);
    return 0;
}
