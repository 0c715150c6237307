#include "base/span.h"

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

bool span_equal_nocase(struct span a, struct span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
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
