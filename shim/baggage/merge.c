#include "baggage/baggage.h"

bool baggage_add(struct baggage *b, const struct member *m)
{
    const uint32_t bytes = b->bytes + (b->count > 0) + m->wire_len;
    if (b->count >= LIMIT_MEMBERS || bytes > LIMIT_LIST) {
        b->dropped++;
        return false;
    }
    b->member[b->count++] = *m;
    b->bytes = bytes;
    return true;
}

int baggage_find(const struct baggage *b, struct span key)
{
    for (uint32_t i = b->count; i-- > 0;)
        if (span_equal(member_key(&b->member[i]), key))
            return (int)i;
    return -1;
}

/* One bit of 64 for a key: enough to say of most keys that they are not in a list. */
static uint64_t key_bit(const struct member *m)
{
    const unsigned first = (unsigned char)m->at[0], last = (unsigned char)m->at[m->key_len - 1];
    return (uint64_t)1 << ((m->key_len * 7u + first * 5u + last) & 63);
}

static bool has_key(const struct baggage *b, member_set among, struct span key)
{
    for (uint32_t i = 0; i < b->count; i++)
        if ((among >> i & 1) && span_equal(member_key(&b->member[i]), key))
            return true;
    return false;
}

member_set baggage_missing(const struct baggage *weak, const struct baggage *strong)
{
    return baggage_missing_in(weak, strong, MEMBERS_ALL);
}

member_set baggage_missing_in(const struct baggage *weak, const struct baggage *strong,
                              member_set among)
{
    uint64_t seen = 0;
    if (strong->count == 0)
        return members_of(weak);
    for (uint32_t i = 0; i < strong->count; i++)
        seen |= among >> i & 1 ? key_bit(&strong->member[i]) : 0;

    member_set missing = MEMBERS_NONE;
    for (uint32_t i = 0; i < weak->count; i++) {
        const struct member *m = &weak->member[i];
        if (!(key_bit(m) & seen) || !has_key(strong, among, member_key(m)))
            missing |= (member_set)1 << i;
    }
    return missing;
}

member_set baggage_fit(const struct baggage *b, member_set set, size_t used_members,
                       size_t used_bytes)
{
    member_set fit = MEMBERS_NONE;
    if (used_bytes > LIMIT_LIST)
        return fit;
    for (set &= members_of(b); set && used_members < LIMIT_MEMBERS; set &= set - 1) {
        const struct member *m = &b->member[__builtin_ctzll(set)];
        const size_t bytes = used_bytes + (used_members || used_bytes) + m->wire_len;
        if (bytes > LIMIT_LIST)
            continue;
        fit |= set & -set;
        used_bytes = bytes;
        used_members++;
    }
    return fit;
}
