/* Which member may leave for where, and as what. */
#include "policy/path.h"
#include "policy/rules.h"

/* A target, looked at once for all rules. */
struct subject {
    struct host_subject host;
    struct span method, path;
    bool path_unknown; /* or doubtful */
};

static void subject_make(struct subject *s, const struct policy *p, const struct target *to)
{
    host_subject_make(&s->host, to);
    s->method = to->method;
    s->path = p->some_paths ? path_of_target(to->path) : SPAN("");
    s->path_unknown = !s->path.len || path_is_doubtful(s->path) || path_has_small_escape(s->path);
}

static enum host_match host_matches(const struct policy *p, const struct rule *r,
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

static enum host_match method_matches(const struct policy *p, const struct rule *r,
                                      struct span method)
{
    if (r->methods.count == 0)
        return HOST_YES;
    for (uint32_t i = 0; i < r->methods.count; i++)
        if (span_equal(p->texts[r->methods.at + i], method))
            return HOST_YES;
    return method.len ? HOST_NO : HOST_MAYBE;
}

static enum host_match path_matches(const struct policy *p, const struct rule *r,
                                    const struct subject *s)
{
    struct span unused;
    if (r->paths.count == 0)
        return HOST_YES;
    if (s->path_unknown)
        return HOST_MAYBE;
    for (uint32_t i = 0; i < r->paths.count; i++)
        if (path_match(p->texts[r->paths.at + i], s->path, &unused))
            return HOST_YES;
    return HOST_NO;
}

static enum host_match least(enum host_match a, enum host_match b)
{
    return a < b ? a : b;
}

static enum host_match rule_match(const struct policy *p, const struct rule *r,
                                  const struct subject *s)
{
    enum host_match m = host_matches(p, r, &s->host);
    if (m != HOST_NO)
        m = least(m, method_matches(p, r, s->method));
    return m == HOST_NO ? m : least(m, path_matches(p, r, s));
}

static member_set fixed_of(const struct policy *p, const struct rule *r, const struct baggage *b,
                           member_set among)
{
    member_set out = MEMBERS_NONE;
    for (uint32_t i = 0; i < r->fixed.count; i++)
        out |= keys_of(p, p->fixed[r->fixed.at + i].keys, b, among);
    return out;
}

/* Takes away from the verdict what this rule, which may be the one that counts, does not allow. A
 * key that is sent changed is not sent as it is, though "keys" may have it too. */
static void apply(struct verdict *v, const struct policy *p, const struct rule *r,
                  const struct baggage *b, bool sure)
{
    member_set among = v->members | v->hashed;
    member_set fixed = fixed_of(p, r, b, among);
    member_set hashed = keys_of(p, r->hashed, b, among) & ~fixed;
    member_set plain = keys_of(p, r->keys, b, among) & ~fixed & ~hashed;
    v->hashed = (hashed & among) | (v->hashed & plain);
    v->members &= plain;
    v->fixed = sure ? fixed : MEMBERS_NONE;
}

static member_set allowed_at_all(const struct policy *p, const struct baggage *b)
{
    member_set set = members_of(b);
    for (uint32_t i = 0; p->some_never && i < p->member_rule_count; i++)
        if (p->member_rules[i].never)
            set &= ~keys_of(p, p->member_rules[i].keys, b, set);
    return set;
}

struct verdict policy_outbound(const struct policy *p, const struct target *to,
                               const struct baggage *b)
{
    static const struct target unknown;
    struct verdict v = { .members = members_of(b), .rule = RULE_NONE_SET };
    struct subject subject;
    if (policy_is_open(p))
        return v;
    v.members = allowed_at_all(p, b);
    if (p->rule_count == 0)
        return v;
    subject_make(&subject, p, to ? to : &unknown);
    for (uint32_t i = 0; i < p->rule_count; i++) {
        const struct rule *r = &p->rules[i];
        enum host_match m = rule_match(p, r, &subject);
        if (m == HOST_NO)
            continue;
        if (r->off)
            return (struct verdict){ .off = true, .rule = (int)i };
        apply(&v, p, r, b, m == HOST_YES);
        v.rule = (int)i;
        if (m == HOST_YES)
            return v;
    }
    return (struct verdict){ .rule = RULE_NO_MATCH };
}

struct span policy_fixed(const struct policy *p, int rule, struct span key)
{
    const struct range *r = &p->rules[rule].fixed;
    for (uint32_t i = 0; i < r->count; i++)
        if (keys_have(p, p->fixed[r->at + i].keys, key))
            return p->fixed[r->at + i].text;
    return SPAN("=");
}

member_set policy_hashes(const struct policy *p, const struct baggage *b)
{
    member_set out = MEMBERS_NONE;
    for (uint32_t i = 0; p && p->salted && i < p->rule_count; i++)
        if (p->rules[i].hashed.count)
            out |= keys_of(p, p->rules[i].hashed, b, members_of(b) & ~out);
    return out;
}

void hash_hex(const struct policy *p, struct sha256 *h, char out[2 * SHA256_LEN])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[SHA256_LEN];
    hmac_end(&p->salt, h, sum);
    for (size_t i = 0; i < sizeof sum; i++) {
        out[2 * i] = digits[sum[i] >> 4];
        out[2 * i + 1] = digits[sum[i] & 15];
    }
}

/* Of the value's bytes behind its escapes, so that it is the hash of what rules hash. */
void policy_hash(const struct policy *p, const struct member *m, char out[POLICY_HASH_LEN])
{
    struct sha256 h = hmac_begin(&p->salt);
    struct span rest = member_value(m);
    for (int c; (c = unescape_next(&rest, false)) >= 0;) {
        char byte = (char)c;
        sha256_add(&h, &byte, 1);
    }
    out[0] = '=';
    hash_hex(p, &h, out + 1);
}
