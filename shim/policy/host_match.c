#include "policy/host_match.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

uint32_t host_hash(struct span name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)lower(name.at[i])) * 16777619u;
    return hash;
}

bool host_is_plain(struct span name)
{
    size_t part = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = lower(name.at[i]);
        if (c == '.' ? part == 0
                     : !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
        part = c == '.' ? 0 : part + 1;
    }
    return part > 0;
}

static struct span without_brackets(struct span s)
{
    if (s.len >= 2 && s.at[0] == '[' && s.at[s.len - 1] == ']')
        return span_make(s.at + 1, s.len - 2);
    return s;
}

static struct span without_dot(struct span s)
{
    return s.len > 1 && s.at[s.len - 1] == '.' ? span_make(s.at, s.len - 1) : s;
}

void host_subject_make(struct host_subject *s, const struct target *to)
{
    s->name = without_dot(without_brackets(to->host));
    s->port = to->port;
    s->is_literal = address_parse(s->name, &s->literal);
    s->is_peer_known = address_parse(without_brackets(to->address), &s->peer);
    s->peer_port = s->is_peer_known && to->address_port ? to->address_port : to->port;
    s->doubtful = !s->is_literal && !host_is_plain(s->name);
    s->hash = host_hash(s->name);
}

static enum host_match match_name(const struct host_pattern *p, const struct host_subject *s)
{
    if (s->doubtful)
        return HOST_MAYBE;
    if (s->is_literal)
        return HOST_NO;
    struct span tail = s->name;
    if (p->kind == HOST_SUFFIX) {
        if (tail.len <= p->len)
            return HOST_NO;
        tail = span_make(tail.at + tail.len - p->len, p->len);
        if (tail.at[0] != '.' || lower(tail.at[1]) != p->name[1]) /* most end here */
            return HOST_NO;
    } else if (p->hash != s->hash) {
        return HOST_NO;
    }
    return span_equal_nocase(tail, span_make(p->name, p->len)) ? HOST_YES : HOST_NO;
}

/* A program may leave the port out of a Host line, or lie: then it may be either (P8). */
static enum host_match match_port(const struct host_pattern *p, const struct host_subject *s)
{
    if (!p->port)
        return HOST_YES;
    if (s->port == s->peer_port && s->port)
        return p->port == s->port ? HOST_YES : HOST_NO;
    return !s->port || p->port == s->port || p->port == s->peer_port ? HOST_MAYBE : HOST_NO;
}

static enum host_match match_net(const struct host_pattern *p, const struct host_subject *s)
{
    enum host_match port = match_port(p, s);
    if (port && s->is_peer_known && address_within(&s->peer, &p->net, p->bits))
        return !p->port || p->port == s->peer_port ? HOST_YES : port;
    if (port && s->is_literal && address_within(&s->literal, &p->net, p->bits))
        return port;
    return !port || s->is_literal || s->is_peer_known ? HOST_NO : HOST_MAYBE;
}

enum host_match host_match(const struct host_pattern *p, const struct host_subject *s)
{
    if (p->kind == HOST_NET)
        return match_net(p, s);
    enum host_match port = match_port(p, s);
    if (p->kind == HOST_ANY || port == HOST_NO)
        return port;
    enum host_match name = match_name(p, s);
    return name < port ? name : port;
}

static bool covers_name(const struct host_pattern *outer, const struct host_pattern *inner)
{
    if (outer->kind == HOST_NAME && (inner->kind != HOST_NAME || inner->len != outer->len))
        return false;
    return inner->len >= outer->len &&
           span_equal_nocase(span_make(inner->name + inner->len - outer->len, outer->len),
                             span_make(outer->name, outer->len));
}

bool host_covers(const struct host_pattern *outer, const struct host_pattern *inner)
{
    if (outer->port && outer->port != inner->port)
        return false;
    if (outer->kind == HOST_ANY)
        return true;
    if (inner->kind == HOST_ANY || (outer->kind == HOST_NET) != (inner->kind == HOST_NET))
        return false;
    if (outer->kind == HOST_NET)
        return outer->bits <= inner->bits && address_within(&inner->net, &outer->net, outer->bits);
    return covers_name(outer, inner);
}
