#include "policy/make.h"

#include "policy/facts.h"
#include "policy/glob.h"

/* What is being made. */
struct making {
    const struct policy *p;
    const struct inbound *in;
    member_set set; /* of what came: stays so far */
    uint64_t
        key_sieve; /* a bit for the hash of each key that came: most rules are done with that */
    struct buf *made;
    unsigned count;
    int *lines;
};

uint32_t key_hash(struct span key)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.at[i]) * 16777619u;
    return hash ^ hash >> 16;
}

static member_set came_with(const struct making *m, const struct make_rule *r)
{
    member_set out = MEMBERS_NONE;
    if (!(m->key_sieve >> (r->key_hash & 63) & 1))
        return out;
    for (uint32_t i = 0; i < m->in->came->count; i++)
        if (span_equal(member_key(&m->in->came->member[i]), r->key))
            out |= (member_set)1 << i;
    return out & m->set;
}

/* Neither values nor properties hold a comma: each one begins a member. */
static bool is_made(const struct buf *made, struct span key)
{
    struct span rest = buf_span(made), value;
    while (rest.len) {
        struct span member = span_cut(rest, ',', &rest);
        if (span_equal(span_cut(member, '=', &value), key))
            return true;
    }
    return false;
}

static size_t change(const struct policy *p, const struct make_rule *r, char *text, size_t len)
{
    for (size_t i = 0; r->lower && i < len; i++)
        if (text[i] >= 'A' && text[i] <= 'Z')
            text[i] = (char)(text[i] | 0x20);
    if (!r->hash)
        return len;
    struct sha256 h = hmac_begin(&p->salt);
    sha256_add(&h, text, len);
    hash_hex(p, &h, text);
    return 2 * SHA256_LEN;
}

/* All of it or nothing. */
static bool put_member(struct buf *made, const struct make_rule *r, struct span value)
{
    size_t at = made->len + (made->len > 0);
    size_t len =
        at < made->max ? member_compose(r->key, value, r->meta, made->at + at, made->max - at) : 0;
    if (!len) {
        made->cut = true;
        return false;
    }
    if (made->len)
        made->at[made->len] = ',';
    made->len = at + len;
    return true;
}

/* Apart, since each needs much of the stack. */
static __attribute__((noinline)) void make_one(struct making *m, const struct facts *f,
                                               const struct make_rule *r)
{
    char text[MAKE_VALUE_MAX];
    size_t len = facts_text(f, m->p, r, text, r->max);
    if (len == SIZE_MAX || len == 0 || m->count == LIMIT_MEMBERS ||
        (r->match.len && !glob_match(r->match, span_make(text, len))))
        return;
    if ((r->mode == MADE_KEEP && came_with(m, r)) || is_made(m->made, r->key))
        return;
    struct span value = r->value;
    if (!value.at)
        value = span_make(text, change(m->p, r, text, len));
    if (!put_member(m->made, r, value))
        return;
    m->set &= ~came_with(m, r);
    if (m->lines)
        m->lines[m->count] = r->line;
    m->count++;
}

member_set make_members(const struct policy *p, const struct inbound *in, member_set admitted,
                        struct buf *made, int *lines)
{
    struct making m = { .p = p, .in = in, .set = admitted, .made = made, .lines = lines };
    struct facts facts;
    for (uint32_t i = 0; i < in->came->count; i++)
        m.key_sieve |= (uint64_t)1 << (key_hash(member_key(&in->came->member[i])) & 63);
    facts_collect(&facts, p, in);
    for (uint32_t i = 0; i < p->make_count; i++) {
        if (p->make[i].mode == MADE_REPLACE)
            m.set &= ~came_with(&m, &p->make[i]);
        make_one(&m, &facts, &p->make[i]);
    }
    return m.set;
}
