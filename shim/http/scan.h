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
#if defined(__SSE2__) && !defined(BELLHOP_PORTABLE)
#include "http/scan_sse2.h"
#else
#include "http/scan_words.h"
#endif

/* The index of the first byte below `limit` (at most 0x80), or len. */
static inline size_t scan_below(const char *at, size_t len, unsigned char limit)
{
    size_t i = 0, n;

    for (; len - i >= SCAN_BLOCK; i += SCAN_BLOCK)
        if ((n = scan_block_below(at + i, limit)) < SCAN_BLOCK)
            return i + n;
    while (i < len && (unsigned char)at[i] >= limit)
        i++;
    return i;
}

/* Four and eight bytes, letters among them in lower case. */
static inline uint32_t scan_folded4(const char *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof word);
    return word | 0x20202020u;
}

static inline uint64_t scan_folded8(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word | 0x2020202020202020u;
}

/* True if `text`, which holds no control characters, says `word` in any letter case: four bytes at
 * least of small letters, digits and "-", so that no other text is like it with bit 0x20 set. */
static inline bool scan_says(struct span text, struct span word)
{
    const size_t len = word.len;

    if (text.len != len)
        return false;
    if (len < 8)
        return scan_folded4(text.at) == scan_folded4(word.at) &&
               scan_folded4(text.at + len - 4) == scan_folded4(word.at + len - 4);
    for (size_t i = 8; i < len - 8; i += 8)
        if (scan_folded8(text.at + i) != scan_folded8(word.at + i))
            return false;
    return scan_folded8(text.at) == scan_folded8(word.at) &&
           scan_folded8(text.at + len - 8) == scan_folded8(word.at + len - 8);
}

/* The first control character, or `end`. A block at least ends there, and what of it is before `at`
 * has none. */
static inline const char *scan_control(const char *at, const char *end)
{
    const char *const last = end - SCAN_BLOCK;
    size_t n;

    for (; at < last; at += SCAN_BLOCK)
        if ((n = scan_block_below(at, ' ')) < SCAN_BLOCK)
            return at + n;
    return last + scan_block_below(last, ' ');
}

/* The length of the token that `s` begins with. */
static inline size_t scan_token(struct span s)
{
    size_t i = 0;

    for (; s.len - i >= SCAN_BLOCK; i += SCAN_BLOCK) {
        const size_t n = scan_block_plain(s.at + i);

        if (n < SCAN_BLOCK) {
            i += n;
            break;
        }
    }
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
