/* Sixteen bytes at a time, while there are sixteen: a load never passes `end`; see scan.h.
 *
 * Signed comparison puts the bytes from 0x80 on below the controls, so "less than 0x21" finds both.
 */
#ifndef BELLHOP_BAGGAGE_SCAN_SSE2_H
#define BELLHOP_BAGGAGE_SCAN_SSE2_H

#include <emmintrin.h>

/* Both functions set all bits of each byte in question. */
static inline __m128i lanes_equal(__m128i bytes, char c)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}

static inline __m128i lanes_within(__m128i bytes, char first, char last)
{
    const __m128i from_first = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
    return _mm_cmpeq_epi8(_mm_min_epu8(from_first, _mm_set1_epi8((char)(last - first))),
                          from_first);
}

/* The bytes that are in neither a key nor a value. */
static inline __m128i lanes_outside(__m128i bytes)
{
    const __m128i low = _mm_cmpgt_epi8(_mm_set1_epi8(0x21), bytes);
    const __m128i quote = _mm_or_si128(lanes_equal(bytes, '"'), lanes_equal(bytes, '\\'));
    const __m128i list = _mm_or_si128(lanes_equal(bytes, ','), lanes_equal(bytes, ';'));
    return _mm_or_si128(_mm_or_si128(low, lanes_equal(bytes, 0x7F)), _mm_or_si128(quote, list));
}

/* The bytes of a value that are not in a key: ( ) / : < = > ? @ [ ] { } */
static inline __m128i lanes_value_only(__m128i bytes)
{
    const __m128i round = _mm_or_si128(lanes_within(bytes, '(', ')'), lanes_equal(bytes, '/'));
    const __m128i square = _mm_or_si128(lanes_equal(bytes, '['), lanes_equal(bytes, ']'));
    const __m128i curly = _mm_or_si128(lanes_equal(bytes, '{'), lanes_equal(bytes, '}'));
    const __m128i middle = lanes_within(bytes, ':', '@');
    return _mm_or_si128(_mm_or_si128(round, square), _mm_or_si128(curly, middle));
}

static inline const char *scan_key(const char *p, const char *end)
{
    for (; end - p >= 16; p += 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)p);
        const __m128i stop = _mm_or_si128(lanes_outside(bytes), lanes_value_only(bytes));
        const unsigned mask = (unsigned)_mm_movemask_epi8(stop);
        if (mask)
            return p + __builtin_ctz(mask);
    }
    return scan_class(p, end, OCTET_KEY);
}

static inline const char *scan_value(const char *p, const char *end)
{
    for (; end - p >= 16; p += 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)p);
        const unsigned mask = (unsigned)_mm_movemask_epi8(lanes_outside(bytes));
        if (mask)
            return p + __builtin_ctz(mask);
    }
    return scan_class(p, end, OCTET_VALUE);
}

#endif
