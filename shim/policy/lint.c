#include "policy/lint.h"

#include "policy/rules.h"

int policy_shadowed_by(const struct policy *p, int rule, int host)
{
    const struct host_pattern *inner = &p->hosts[p->rules[rule].hosts.at + (uint32_t)host];
    for (int i = 0; i <= rule; i++) {
        const struct rule *r = &p->rules[i];
        uint32_t before = i < rule ? r->hosts.count : (uint32_t)host;
        if (i < rule && (r->methods.count || r->paths.count))
            continue;
        for (uint32_t k = 0; k < before; k++)
            if (host_covers(&p->hosts[r->hosts.at + k], inner))
                return i;
    }
    return -1;
}

/* Larger than any network that a house has of its own: 10.0.0.0/8, fc00::/7. */
static bool is_public(const struct host_pattern *h)
{
    if (h->kind == HOST_NET)
        return h->bits < (address_is_v4(&h->net) ? ADDRESS_V4_BITS + 8 : 7);
    return h->kind == HOST_ANY;
}

bool policy_is_public(const struct policy *p, int rule, int host)
{
    const struct rule *r = &p->rules[rule];
    return !r->off && r->keys.count && is_public(&p->hosts[r->hosts.at + (uint32_t)host]);
}

/* True if one pattern of the outer rule covers it. */
static bool peers_cover(const struct policy *p, const struct trust_rule *outer,
                        const struct host_pattern *inner)
{
    for (uint32_t i = 0; i < outer->peers.count; i++)
        if (host_covers(&p->hosts[outer->peers.at + i], inner))
            return true;
    return outer->peers.count == 0;
}

static bool trust_covers(const struct policy *p, const struct trust_rule *outer,
                         const struct trust_rule *inner)
{
    static const struct host_pattern any = { .kind = HOST_ANY };
    if (outer->ports.count)
        return false;
    if (inner->peers.count == 0)
        return peers_cover(p, outer, &any);
    for (uint32_t i = 0; i < inner->peers.count; i++)
        if (!peers_cover(p, outer, &p->hosts[inner->peers.at + i]))
            return false;
    return true;
}

int policy_trust_shadowed_by(const struct policy *p, int rule, int *line)
{
    if ((uint32_t)rule >= p->trust_count)
        return -1;
    *line = p->trust[rule].line;
    for (int i = 0; i < rule; i++)
        if (trust_covers(p, &p->trust[i], &p->trust[rule]))
            return p->trust[i].line;
    return 0;
}

static bool rule_sends(const struct policy *p, const struct rule *r, struct span key)
{
    for (uint32_t i = 0; i < r->fixed.count; i++)
        if (keys_have(p, p->fixed[r->fixed.at + i].keys, key))
            return true;
    return keys_have(p, r->keys, key) || keys_have(p, r->hashed, key);
}

bool policy_key_leaves(const struct policy *p, struct span key)
{
    for (uint32_t i = 0; i < p->member_rule_count; i++)
        if (p->member_rules[i].never && keys_have(p, p->member_rules[i].keys, key))
            return false;
    for (uint32_t i = 0; i < p->rule_count; i++)
        if (rule_sends(p, &p->rules[i], key))
            return true;
    return p->rule_count == 0;
}

bool policy_made_key(const struct policy *p, int rule, struct span *key, int *line)
{
    if ((uint32_t)rule >= p->make_count)
        return false;
    *key = p->make[rule].key;
    *line = p->make[rule].line;
    return true;
}
