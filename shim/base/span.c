#include "base/span.h"

#include <stdint.h>

/* Eight bytes at once. The top bit of `upper` is that of each byte from A to Z: below 0x80, adding
 * what is missing from 'A' to 0x80 sets it, and adding what is missing from 'Z' + 1 does not. */
static uint64_t lower(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u, low = word & (ones * 0x7F);
    const uint64_t upper = (low + ones * (0x80 - 'A')) & ~(low + ones * (0x7F - 'Z')) & ~word;

    return word | (upper & (ones << 7)) >> 2;
}

static uint64_t word_at(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

/* Less than eight bytes, some of them twice. */
static uint64_t short_word_at(const char *at, size_t len)
{
    uint32_t half[2] = { 0 };

    if (len >= 4) {
        memcpy(&half[0], at, 4);
        memcpy(&half[1], at + len - 4, 4);
    } else {
        for (size_t i = 0; i < len; i++)
            half[0] = half[0] << 8 | (unsigned char)at[i];
    }
    return (uint64_t)half[1] << 32 | half[0];
}

bool span_equal_nocase(struct span a, struct span b)
{
    size_t i = 0;

    if (a.len != b.len)
        return false;
    if (a.len < 8)
        return lower(short_word_at(a.at, a.len)) == lower(short_word_at(b.at, b.len));
    for (; i < a.len - 8; i += 8)
        if (lower(word_at(a.at + i)) != lower(word_at(b.at + i)))
            return false;
    i = a.len - 8; /* some of these again */
    return lower(word_at(a.at + i)) == lower(word_at(b.at + i));
}

static bool is_ows(char c)
{
    return c == ' ' || c == '\t';
}

struct span span_trim(struct span s)
{
    while (s.len && is_ows(s.at[0])) {
        s.at++;
        s.len--;
    }
    while (s.len && is_ows(s.at[s.len - 1]))
        s.len--;
    return s;
}

struct span span_cut(struct span s, char sep, struct span *rest)
{
    const char *hit = s.len ? memchr(s.at, sep, s.len) : NULL;
    if (!hit) {
        *rest = (struct span){ 0 };
        return s;
    }
    size_t before = (size_t)(hit - s.at);
    *rest = span_make(hit + 1, s.len - before - 1);
    return span_make(s.at, before);
}

bool span_uint(struct span s, unsigned long max, unsigned long *out)
{
    unsigned long value = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned)(unsigned char)s.at[i] - '0';
        if (digit > 9 || max < digit || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}
