/* The loops that look at every byte of a head. They read within the given bytes only. */
#ifndef BELLHOP_HTTP_SCAN_H
#define BELLHOP_HTTP_SCAN_H

#include <stdint.h>

#include "base/span.h"

/* The byte in lower case if it may stand in a token (RFC 9110 section 5.6.2), else 0. */
extern const unsigned char http_token[256];

static inline unsigned char http_token_of(char c)
{
    return http_token[(unsigned char)c];
}

static inline bool http_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* What is behind the first `used` bytes; `in` may be the empty span at NULL. */
static inline struct span rest_of(struct span in, size_t used)
{
    return used ? span_make(in.at + used, in.len - used) : in;
}

/* BELLHOP_PORTABLE lets the tests take the other way on one machine. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && !defined(BELLHOP_PORTABLE)
static const bool scan_first_is_lowest = true;
#else
static const bool scan_first_is_lowest = false;
#endif

/* The index of the first byte below `limit` (at most 0x80) in eight, or 8. A borrow reaches the top
 * bit of each such byte, and may reach that of others above the lowest, never below. */
static inline size_t scan_word_below(const char *at, unsigned char limit)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t word, below;
    size_t i = 0;

    memcpy(&word, at, sizeof word);
    below = (word - ones * limit) & ~word & (ones << 7);
    if (!below)
        return 8;
    if (scan_first_is_lowest)
        return (size_t)__builtin_ctzll(below) / 8;
    while ((unsigned char)at[i] >= limit)
        i++;
    return i;
}

#if defined(__SSE2__) && !defined(BELLHOP_PORTABLE)
#include "http/scan_sse2.h"
#else
static inline size_t scan_blocks_below(const char *at, size_t len, unsigned char limit)
{
    (void)at;
    (void)len;
    (void)limit;
    return 0;
}
#endif

/* The index of the first byte below `limit`, or len. */
static inline size_t scan_below(const char *at, size_t len, unsigned char limit)
{
    size_t i = scan_blocks_below(at, len, limit);

    while (len - i >= 8) {
        const size_t n = scan_word_below(at + i, limit);

        i += n;
        if (n < 8)
            return i;
    }
    while (i < len && (unsigned char)at[i] >= limit)
        i++;
    return i;
}

/* The length of the token that `s` begins with. */
static inline size_t scan_token(struct span s)
{
    size_t i = 0;

    while (i < s.len && http_token_of(s.at[i]))
        i++;
    return i;
}

/* The index of the first control character but tab, or len: where text ends. */
static inline size_t scan_text(const char *at, size_t len)
{
    size_t i = scan_below(at, len, 0x20);

    while (i < len && at[i] == '\t') {
        i++;
        i += scan_below(at + i, len - i, 0x20);
    }
    return i;
}

#endif
