#include "policy/member_list.h"

#include <errno.h>

int member_list_add(struct member_list *l, const struct member_list *other, struct span key,
                    struct span value, struct span meta)
{
    char *at = l->text + l->len;
    size_t room = sizeof l->text - l->len, comma = l->len > 0;
    if (!baggage_is_key(key) || !member_compose(key, SPAN(""), meta, at, room))
        return !baggage_is_key(key) || room > key.len + meta.len + 8 ? -EINVAL : -E2BIG;
    if (baggage_find(&l->parsed, key) >= 0)
        return -EEXIST;
    if (room <= comma)
        return -E2BIG;
    *at = ',';
    size_t len = member_compose(key, value, meta, at + comma, room - comma);
    if (!len || l->parsed.count + other->parsed.count >= LIMIT_MEMBERS ||
        l->len + comma + len + (other->len > 0) + other->len > LIMIT_LIST)
        return -E2BIG;
    baggage_parse(&l->parsed, span_make(at + comma, len));
    l->len += comma + len;
    return 0;
}
