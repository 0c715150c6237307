/* Key patterns: a key, or the beginning of keys and a *. */
#include "policy/draft.h"
#include "policy/rules.h"

const char *key_pattern_parse(struct span text, struct key_pattern *out)
{
    const char *star = text.len ? memchr(text.at, '*', text.len) : NULL;
    if (text.len == 0)
        return "is empty";
    if (star && star != text.at + text.len - 1)
        return "has a * that is not its last character; \"tenant-*\" and \"*\" are the forms";
    size_t len = text.len - (star != NULL);
    if (len > 0 && !baggage_is_key(span_make(text.at, len)))
        return "has characters that no key can have (letters, digits and !#$%&'*+-.^_`|~ are "
               "allowed)";
    if (len > LIMIT_LIST)
        return "is longer than a key can be";
    *out = (struct key_pattern){ .at = text.at, .len = (uint32_t)len, .is_prefix = star };
    return NULL;
}

const char *policy_key_fault(struct span pattern)
{
    struct key_pattern unused;
    return key_pattern_parse(pattern, &unused);
}

bool keys_have(const struct policy *p, struct range keys, struct span key)
{
    const struct key_pattern *k = p->keys + keys.at;
    for (uint32_t i = 0; i < keys.count; i++, k++) {
        struct span head = k->is_prefix && key.len > k->len ? span_make(key.at, k->len) : key;
        if (span_equal(head, span_make(k->at, k->len)))
            return true;
    }
    return false;
}

member_set keys_of(const struct policy *p, struct range keys, const struct baggage *b,
                   member_set among)
{
    member_set out = MEMBERS_NONE;
    for (uint32_t i = 0; i < b->count && among >> i; i++)
        if ((among >> i & 1) && keys_have(p, keys, member_key(&b->member[i])))
            out |= (member_set)1 << i;
    return out;
}
