/* Escapes and composition: what is decoded is UTF-8, what is encoded decodes to the same, and what
 * is composed is one member. The first two bytes say where a key and properties begin. */
#include <stdlib.h>

#include "baggage/baggage.h"

static void hold(bool truth)
{
    if (!truth)
        __builtin_trap();
}

/* One character, by Unicode's table 3-7; 0: none. Written apart from the decoder, by code point. */
static size_t character(const unsigned char *s, size_t len)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const size_t size = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : 4;
    if (size == 1)
        return 1;
    if (size > len || (size == 4 && s[0] >> 3 != 30))
        return 0;
    uint32_t code = s[0] & (0x7Fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        code = code << 6 | (s[i] & 0x3F);
    }
    return code < least[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) ? 0 : size;
}

static bool is_utf8(struct span s)
{
    for (size_t i = 0; i < s.len;) {
        const size_t size = character((const unsigned char *)s.at + i, s.len - i);
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

/* Into memory of exactly the size that is needed, which the caller frees. */
typedef size_t convert(struct span in, char *out, size_t max);

static struct span exactly(convert *run, struct span in)
{
    char *wide = malloc(3 * in.len);
    const size_t len = run(in, wide, 3 * in.len);
    hold(len <= 3 * in.len);
    char *exact = malloc(len);
    hold(run(in, exact, len) == len);
    hold(len == 0 || memcmp(exact, wide, len) == 0);
    hold(len == 0 || run(in, wide, len - 1) == SIZE_MAX);
    free(wide);
    return span_make(exact, len);
}

static void check_escapes(struct span in)
{
    const struct span decoded = exactly(percent_decode, in);
    hold(is_utf8(decoded));

    const struct span encoded = exactly(percent_encode, in);
    for (size_t i = 0; i < encoded.len; i++)
        hold(encoded.at[i] > 0x20 && encoded.at[i] < 0x7F && !strchr("\",;\\", encoded.at[i]));
    const struct span back = exactly(percent_decode, encoded);
    hold(is_utf8(back) && span_equal(back, in) == is_utf8(in));
    free((char *)decoded.at);
    free((char *)encoded.at);
    free((char *)back.at);
}

static void check_compose(struct span key, struct span value, struct span meta)
{
    const size_t max = key.len + 3 * value.len + 2 * meta.len + 2;
    char *text = malloc(max);
    const size_t len = member_compose(key, value, meta, text, max);
    hold(len == 0 || baggage_is_key(key));
    if (len && len <= LIMIT_LIST) {
        struct baggage b;
        baggage_init(&b);
        baggage_parse(&b, span_make(text, len));
        hold(b.count == 1 && b.dropped == 0 && b.bytes == len && b.member[0].tidy);
        hold(span_equal(member_key(&b.member[0]), key));
        char *exact = malloc(len);
        hold(member_compose(key, value, meta, exact, len) == len);
        hold(memcmp(exact, text, len) == 0);
        hold(member_compose(key, value, meta, exact, len - 1) == 0);
        free(exact);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct span rest = span_make((const char *)data + 2, size - 2);
    check_escapes(rest);

    const size_t key_len = data[0] < rest.len ? data[0] : rest.len;
    const struct span key = span_make(rest.at, key_len);
    rest = span_make(rest.at + key_len, rest.len - key_len);
    const size_t value_len = data[1] < rest.len ? data[1] : rest.len;
    check_compose(key, span_make(rest.at, value_len),
                  span_make(rest.at + value_len, rest.len - value_len));
    return 0;
}
