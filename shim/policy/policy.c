/* Asking a policy. Nothing here allocates or changes it. */
#include "policy/rules.h"

#include <stdlib.h>

static const struct baggage no_members;

const struct baggage *policy_set(const struct policy *p)
{
    return p ? &p->set : &no_members;
}

const struct baggage *policy_default(const struct policy *p)
{
    return p ? &p->fallback : &no_members;
}

bool policy_is_open(const struct policy *p)
{
    return !p || p->rule_count == 0;
}

int policy_rule_line(const struct policy *p, int rule)
{
    return p && rule >= 0 && (uint32_t)rule < p->rule_count ? p->rules[rule].line : 0;
}

static enum host_match rule_match(const struct policy *p, const struct rule *r,
                                  const struct host_subject *s)
{
    enum host_match best = HOST_NO;
    const struct host_pattern *h = p->hosts + r->hosts.at;
    for (uint32_t i = 0; i < r->hosts.count && best != HOST_YES; i++) {
        enum host_match m = host_match(h + i, s);
        best = m > best ? m : best;
    }
    return best;
}

struct verdict policy_outbound(const struct policy *p, const struct target *to,
                               const struct baggage *b)
{
    struct verdict v = { members_of(b), RULE_NONE_SET };
    if (policy_is_open(p))
        return v;
    struct host_subject subject;
    host_subject_make(&subject, to);
    for (uint32_t i = 0; i < p->rule_count; i++) {
        enum host_match m = rule_match(p, &p->rules[i], &subject);
        if (m == HOST_NO)
            continue;
        v.members = keys_of(p, p->rules[i].keys, b, v.members);
        v.rule = (int)i;
        if (m == HOST_YES)
            return v;
    }
    return (struct verdict){ MEMBERS_NONE, RULE_NO_MATCH };
}

int policy_shadowed_by(const struct policy *p, int rule, int host)
{
    const struct host_pattern *inner = &p->hosts[p->rules[rule].hosts.at + (uint32_t)host];
    for (int i = 0; i <= rule; i++) {
        const struct rule *r = &p->rules[i];
        uint32_t before = i < rule ? r->hosts.count : (uint32_t)host;
        for (uint32_t k = 0; k < before; k++)
            if (host_covers(&p->hosts[r->hosts.at + k], inner))
                return i;
    }
    return -1;
}

const struct http_watch *policy_watch(const struct policy *p)
{
    return p && p->watch.count ? &p->watch : &http_watch_basic;
}

uint32_t policy_forwarded(const struct policy *p)
{
    return p ? p->forwarded : 0;
}

void policy_free(struct policy *p)
{
    if (!p)
        return;
    arena_free(&p->arena);
    free(p);
}
