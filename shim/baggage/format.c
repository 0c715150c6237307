#include "baggage/baggage.h"
#include "baggage/octet.h"
#include "base/buf.h"

bool property_next(struct span *rest, struct span *key, struct span *value)
{
    struct span property = { 0 };
    while (property.len == 0) {
        if (rest->len == 0)
            return false;
        property = span_trim(span_cut(*rest, ';', rest));
    }
    *key = span_trim(span_cut(property, '=', value));
    if (value->at)
        *value = span_trim(*value);
    return true;
}

static void put_property(struct buf *to, struct span key, struct span value)
{
    buf_putc(to, ';');
    buf_put(to, key);
    if (!value.at)
        return;
    buf_putc(to, '=');
    buf_put(to, value);
}

/* Piece by piece, without what makes it untidy; the pieces themselves are not touched. */
static size_t put_pieces(const struct member *m, char *out, size_t max)
{
    struct buf to = buf_over(out, max);
    buf_put(&to, member_key(m));
    buf_putc(&to, '=');
    buf_put(&to, member_value(m));

    struct span rest = member_meta(m), key, value;
    while (property_next(&rest, &key, &value))
        put_property(&to, key, value);
    return to.cut ? 0 : to.len;
}

size_t member_format(const struct member *m, char *out, size_t max)
{
    if (m->wire_len > max)
        return 0;
    if (!m->tidy)
        return put_pieces(m, out, max);
    memcpy(out, m->at, m->len);
    return m->len;
}

size_t baggage_format_len(const struct baggage *b, member_set set)
{
    set &= members_of(b);
    if (set == members_of(b))
        return b->bytes;
    size_t len = 0;
    for (; set; set &= set - 1)
        len += b->member[__builtin_ctzll(set)].wire_len + (size_t)1;
    return len ? len - 1 : 0;
}

/* The end of the members from i on that lie side by side as they are to be sent; *i moves past
 * them. */
static const char *run_end(const struct baggage *b, member_set set, unsigned *i)
{
    const char *end = b->member[*i].at + b->member[*i].len;
    while (++*i < b->count && (set >> *i & 1)) {
        const struct member *next = &b->member[*i];
        if (!next->tidy || !next->joined || next->at != end + 1)
            break;
        end = next->at + next->len;
    }
    return end;
}

size_t baggage_format(const struct baggage *b, member_set set, char *out, size_t max)
{
    const size_t len = baggage_format_len(b, set);
    if (len == 0 || len > max)
        return 0;

    char *to = out, *const out_end = out + len;
    for (unsigned i = 0; to != out_end; i++) {
        if (!(set >> i & 1))
            continue;
        const struct member *m = &b->member[i];
        if (to != out)
            *to++ = ',';
        if (!m->tidy) {
            to += put_pieces(m, to, (size_t)(out_end - to));
            continue;
        }
        const size_t run = (size_t)(run_end(b, set, &i) - m->at);
        memcpy(to, m->at, run);
        to += run;
        i--;
    }
    return len;
}

static bool is_all(struct span s, unsigned octets)
{
    for (size_t i = 0; i < s.len; i++)
        if (!octet_is(s.at[i], octets))
            return false;
    return true;
}

bool baggage_is_key(struct span key)
{
    return key.len > 0 && is_all(key, OCTET_KEY);
}

size_t member_compose(struct span key, struct span value, struct span meta, char *out, size_t max)
{
    struct buf to = buf_over(out, max);
    if (!baggage_is_key(key))
        return 0;
    buf_put(&to, key);
    buf_putc(&to, '=');
    const size_t encoded = percent_encode(value, out + to.len, max - to.len);
    if (to.cut || encoded == SIZE_MAX)
        return 0;
    to.len += encoded;

    struct span name, content;
    while (property_next(&meta, &name, &content)) {
        if (!baggage_is_key(name) || !is_all(content, OCTET_VALUE))
            return 0;
        put_property(&to, name, content);
    }
    return to.cut ? 0 : to.len;
}
