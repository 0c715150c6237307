#include "policy/inbound.h"

#include "policy/facts.h"
#include "policy/glob.h"
#include "policy/make.h"

static enum host_match peer_match(const struct policy *p, const struct trust_rule *r,
                                  const struct inbound *in, const struct address *peer)
{
    enum host_match best = r->peers.count ? HOST_NO : HOST_YES;
    for (uint32_t i = 0; i < r->peers.count && best != HOST_YES; i++) {
        const struct host_pattern *h = &p->hosts[r->peers.at + i];
        if (h->kind == HOST_ANY || (h->kind == HOST_NAME && in->peer_unix))
            best = HOST_YES;
        else if (!in->peer_unix && !peer)
            best = HOST_MAYBE;
        else if (h->kind == HOST_NET && !in->peer_unix && address_within(peer, &h->net, h->bits))
            best = HOST_YES;
    }
    return best;
}

/* A Unix socket has no port: no rule with ports is for it. */
static enum host_match port_match(const struct policy *p, const struct trust_rule *r,
                                  const struct inbound *in)
{
    if (r->ports.count == 0)
        return HOST_YES;
    if (in->port == 0)
        return in->peer_unix ? HOST_NO : HOST_MAYBE;
    for (uint32_t i = 0; i < r->ports.count; i++)
        if (p->ports[r->ports.at + i] == in->port)
            return HOST_YES;
    return HOST_NO;
}

/* The next rule at or after `from` that may be for this peer; the count if none is. */
static uint32_t next_trust(const struct policy *p, const struct inbound *in, uint32_t from,
                           bool *sure)
{
    struct address a;
    const struct address *peer = address_parse(in->peer, &a) ? &a : NULL;
    for (; from < p->trust_count; from++) {
        enum host_match peers = peer_match(p, &p->trust[from], in, peer);
        enum host_match ports = peers ? port_match(p, &p->trust[from], in) : HOST_NO;
        *sure = peers == HOST_YES && ports == HOST_YES;
        if (peers && ports)
            break;
    }
    return from;
}

static member_set admitted(const struct policy *p, const struct inbound *in)
{
    member_set set = members_of(in->came);
    if (p->edge)
        return MEMBERS_NONE;
    if (p->trust_count == 0 || !set)
        return set;
    for (uint32_t i = 0; i < p->trust_count; i++) {
        bool sure;
        i = next_trust(p, in, i, &sure);
        if (i == p->trust_count)
            break;
        set = keys_of(p, p->trust[i].keys, in->came, set);
        if (sure)
            return set;
    }
    return MEMBERS_NONE;
}

member_set policy_inbound_lines(const struct policy *p, const struct inbound *in, struct buf *made,
                                int lines[LIMIT_MEMBERS])
{
    made->len = 0;
    made->cut = false;
    if (!p)
        return members_of(in->came);
    member_set set = admitted(p, in);
    return p->make_count ? make_members(p, in, set, made, lines) : set;
}

member_set policy_inbound(const struct policy *p, const struct inbound *in, struct buf *made)
{
    return policy_inbound_lines(p, in, made, NULL);
}

int policy_trust_line(const struct policy *p, const struct inbound *in, bool *sure)
{
    uint32_t i = p && !p->edge ? next_trust(p, in, 0, sure) : 0;
    return p && !p->edge && i < p->trust_count ? p->trust[i].line : 0;
}

bool policy_wants_target(const struct policy *p)
{
    for (uint32_t i = 0; p && i < p->make_count; i++)
        if (p->make[i].from == MAKE_PATH)
            return true;
    for (uint32_t i = 0; p && i < p->source_count; i++)
        if (p->sources[i].kind == SOURCE_QUERY)
            return true;
    return false;
}

bool policy_wants_peer(const struct policy *p)
{
    for (uint32_t i = 0; p && i < p->make_count; i++)
        if (p->make[i].from == MAKE_PEER)
            return true;
    return p && p->trust_count;
}

bool policy_needs_verifier(const struct policy *p)
{
    for (uint32_t i = 0; p && i < p->claim_count; i++)
        if (!p->tokens[p->claims[i].token].unverified)
            return true;
    return false;
}

void policy_set_verifier(struct policy *p, const struct token_verifier *v)
{
    p->verifier = v;
}
