/* Members as people write them. */
#include "cli/cli.h"

#include <ctype.h>

/* A value that needs no encoding: legal on the wire, and each % begins an escape. */
static bool is_wire_value(struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if (c <= 0x20 || c >= 0x7f || strchr("\",;\\", c))
            return false;
        if (c == '%' && !(i + 2 < value.len && isxdigit((unsigned char)value.at[i + 1]) &&
                          isxdigit((unsigned char)value.at[i + 2])))
            return false;
    }
    return true;
}

/* "a=1,b=2": a comma within a value is legal as plain text, but hardly what was meant. */
static bool looks_like_list(struct span value)
{
    struct span rest, after;
    for (span_cut(value, ',', &rest); rest.at; span_cut(rest, ',', &rest)) {
        struct span key = span_trim(span_cut(rest, '=', &after));
        if (after.at && baggage_is_key(key))
            return true;
    }
    return false;
}

static size_t compose(struct span key, struct span value, struct span meta, char *out, size_t max)
{
    if (!is_wire_value(value))
        return member_compose(key, value, meta, out, max);
    struct buf to = buf_over(out, max);
    size_t len = member_compose(key, SPAN(""), meta, out, max);
    if (!len)
        return 0;
    size_t props = len - key.len - 1;
    if (props + key.len + 1 + value.len > max)
        return 0;
    memmove(out + key.len + 1 + value.len, out + key.len + 1, props);
    to.len = key.len + 1;
    buf_put(&to, value);
    return len + value.len;
}

int key_len(const char *text)
{
    struct span after;
    return (int)span_cut(span_of(text), '=', &after).len;
}

size_t member_from_text(struct span text, char *out, size_t max, const char **fault)
{
    struct span after, meta;
    struct span key = span_trim(span_cut(text, '=', &after));
    struct span value = span_trim(span_cut(after, ';', &meta));
    if (!after.at)
        *fault = "is no KEY=VALUE";
    else if (!baggage_is_key(key))
        *fault = "has no valid key before the = (letters, digits and !#$%&'*+-.^_`|~ are allowed)";
    else if (looks_like_list(value))
        *fault = "looks like several members: give each on its own, or write %2C for a comma that "
                 "belongs to the value";
    else if (!member_compose(key, SPAN(""), meta, out, max))
        *fault = "has properties after the ; that cannot be sent (write %3B for a semicolon that "
                 "belongs to the value)";
    else if (compose(key, value, meta, out, max))
        return compose(key, value, meta, out, max);
    else
        *fault = "is longer than a member can be";
    return 0;
}

size_t meta_format(const struct member *m, char *out, size_t max)
{
    struct buf to = buf_over(out, max);
    struct span rest = member_meta(m), key, value;
    while (property_next(&rest, &key, &value)) {
        if (to.len)
            buf_putc(&to, ';');
        buf_put(&to, key);
        if (value.at)
            buf_putc(&to, '=');
        buf_put(&to, value);
    }
    return to.len;
}
