/* Which members go when not all do: limits, and what child processes get. */
#include "policy/rules.h"

struct fitting {
    const struct policy *p;
    const struct verdict *v;
    const struct baggage *b;
    member_set left, taken;
    size_t members, bytes; /* used */
};

static size_t sent_len(const struct fitting *f, uint32_t i)
{
    const struct member *m = &f->b->member[i];
    if (f->v->hashed >> i & 1)
        return m->key_len + (size_t)POLICY_HASH_LEN;
    if (f->v->fixed >> i & 1)
        return m->key_len + policy_fixed(f->p, f->v->rule, member_key(m)).len;
    return m->wire_len;
}

static void take(struct fitting *f, member_set set)
{
    size_t max_members = f->p && f->p->max_members ? f->p->max_members : LIMIT_MEMBERS;
    size_t max_bytes = f->p && f->p->max_bytes ? f->p->max_bytes : LIMIT_LIST;
    f->left &= ~set;
    for (uint32_t i = 0; i < f->b->count && set >> i; i++) {
        if (!(set >> i & 1))
            continue;
        size_t needs = sent_len(f, i) + (f->members || f->bytes);
        if (f->members >= max_members || f->bytes + needs > max_bytes)
            continue;
        f->taken |= (member_set)1 << i;
        f->members++;
        f->bytes += needs;
    }
}

/* A list keeps the standard's limits, so that nothing is too much of it. */
static bool fits_as_it_is(const struct policy *p, const struct verdict *v)
{
    return !(p && (p->max_members || p->max_bytes)) && !v->fixed && !v->hashed;
}

member_set policy_fit(const struct policy *p, const struct verdict *v, const struct baggage *b,
                      member_set set, size_t used_members, size_t used_bytes)
{
    if (!used_members && !used_bytes && fits_as_it_is(p, v))
        return set & members_of(b);
    struct fitting f = {
        .p = p, .v = v, .b = b, .left = set, .members = used_members, .bytes = used_bytes
    };
    for (uint32_t i = 0; p && i < p->first.count; i++)
        take(&f, keys_of(p, (struct range){ p->first.at + i, 1 }, b, f.left));
    take(&f, f.left);
    return f.taken;
}

member_set policy_handed_over(const struct policy *p, const struct baggage *b)
{
    return p && p->some_children ? keys_of(p, p->children, b, members_of(b)) : members_of(b);
}
