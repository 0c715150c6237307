#include "policy/draft_parts.h"

void policy_draft_edge(struct policy_draft *d)
{
    d->p.edge = true;
}

int policy_draft_trust(struct policy_draft *d, int line)
{
    int err;
    struct trust_rule *r = open_next(&d->trust, sizeof *r, &err);
    if (r)
        r->line = line;
    return err;
}

static const char *peer_parse(struct span pattern, struct host_pattern *out)
{
    const char *fault = host_pattern_parse(pattern, out);
    if (fault)
        return fault;
    if (out->port)
        return "has a port; write ports = [ ... ]; for those of this program";
    if (out->kind == HOST_SUFFIX || (out->kind == HOST_NAME && !span_equal(pattern, SPAN("unix"))))
        return "is a name; a peer is known by its address alone, or as \"unix\"";
    return NULL;
}

const char *policy_peer_fault(struct span pattern)
{
    struct host_pattern unused;
    return peer_parse(pattern, &unused);
}

int policy_draft_trust_peer(struct policy_draft *d, struct span pattern)
{
    struct host_pattern parsed;
    struct trust_rule *r = last_of(&d->trust, sizeof *r);
    if (!r || peer_parse(pattern, &parsed))
        return -EINVAL;
    return add_host(d, &r->peers, &parsed);
}

int policy_draft_trust_port(struct policy_draft *d, uint16_t port)
{
    int err;
    struct trust_rule *r = last_of(&d->trust, sizeof *r);
    uint16_t *at = r ? pattern_more(&d->ports, sizeof *at, &r->ports, &err) : NULL;
    if (!at)
        return r ? err : -EINVAL;
    *at = port;
    d->ports.count++;
    r->ports.count++;
    return 0;
}

int policy_draft_trust_key(struct policy_draft *d, struct span pattern)
{
    struct trust_rule *r = last_of(&d->trust, sizeof *r);
    return add_key(d, r ? &r->keys : NULL, pattern);
}

void policy_draft_secret(struct policy_draft *d)
{
    d->p.secret = true;
}

int policy_draft_salt(struct policy_draft *d, struct span salt)
{
    if (salt.len == 0)
        return -EINVAL;
    hmac_key_init(&d->p.salt, salt);
    d->p.salted = true;
    return 0;
}
