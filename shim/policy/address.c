#include "policy/address.h"

#include <arpa/inet.h>
#include <endian.h>

static void put_v4(struct address *out, uint32_t v4)
{
    *out = (struct address){ 0, (uint64_t)0xffff << 32 | v4 };
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* One part as strtoul with base 0 reads it, all of it; false where inet_aton would stop early. */
static bool part_of(struct span s, uint64_t *out)
{
    int base = 10;
    if (s.len > 2 && s.at[0] == '0' && (s.at[1] | 0x20) == 'x') {
        base = 16;
        s = span_make(s.at + 2, s.len - 2);
    } else if (s.len > 1 && s.at[0] == '0') {
        base = 8;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        int digit = digit_of(s.at[i]);
        if (digit >= base)
            return false;
        value = value * (unsigned)base + (unsigned)digit;
        if (value > UINT32_MAX)
            return false;
    }
    *out = value;
    return s.len > 0;
}

/* inet_aton: up to four parts, and the last one fills all bytes that are left. */
static bool parse_aton(struct span s, struct address *out)
{
    uint32_t v4 = 0;
    for (int parts = 0; parts < 4; parts++) {
        struct span rest;
        uint64_t value;
        if (!part_of(span_cut(s, '.', &rest), &value))
            return false;
        if (!rest.at) {
            if (value > (UINT32_MAX >> (8 * parts)))
                return false;
            put_v4(out, v4 | (uint32_t)value);
            return true;
        }
        if (value > 255)
            return false;
        v4 |= (uint32_t)value << (24 - 8 * parts);
        s = rest;
    }
    return false;
}

static bool parse_v6(struct span s, struct address *out)
{
    char text[INET6_ADDRSTRLEN];
    if (s.len >= sizeof text || !s.len || !memchr(s.at, ':', s.len) || memchr(s.at, 0, s.len))
        return false;
    memcpy(text, s.at, s.len);
    text[s.len] = 0;
    uint64_t halves[2];
    if (inet_pton(AF_INET6, text, halves) != 1)
        return false;
    *out = (struct address){ be64toh(halves[0]), be64toh(halves[1]) };
    return true;
}

static void any_to_loopback(struct address *a)
{
    if (a->high == 0 && a->low == 0)
        a->low = 1;
    else if (address_is_v4(a) && (uint32_t)a->low == 0)
        put_v4(a, 0x7f000001);
}

bool address_parse(struct span text, struct address *out)
{
    struct span zone;
    if (!parse_v6(span_cut(text, '%', &zone), out) && !parse_aton(text, out))
        return false;
    any_to_loopback(out);
    return true;
}

bool address_parse_strict(struct span text, struct address *out)
{
    if (parse_v6(text, out))
        return true;
    uint32_t v4 = 0;
    struct span rest = text;
    for (int i = 0; i < 4; i++) {
        unsigned long value;
        struct span part = span_cut(rest, '.', &rest);
        if ((rest.at == NULL) != (i == 3) || (part.len > 1 && part.at[0] == '0') ||
            !span_uint(part, 255, &value))
            return false;
        v4 = v4 << 8 | (uint32_t)value;
    }
    put_v4(out, v4);
    return true;
}
