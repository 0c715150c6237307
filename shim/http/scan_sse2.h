/* Sixteen bytes at a time, where there are sixteen; see scan.h. */
#ifndef BELLHOP_HTTP_SCAN_SSE2_H
#define BELLHOP_HTTP_SCAN_SSE2_H

#include <emmintrin.h>

#define SCAN_BLOCK 16

/* The index of the first byte below `limit` (at most 0x80) in a block, or SCAN_BLOCK. */
static inline size_t scan_block_below(const char *at, unsigned char limit)
{
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    const __m128i most = _mm_set1_epi8((char)(limit - 1));
    const __m128i below = _mm_cmpeq_epi8(_mm_min_epu8(bytes, most), bytes);
    const unsigned mask = (unsigned)_mm_movemask_epi8(below);

    return mask ? (size_t)__builtin_ctz(mask) : SCAN_BLOCK;
}

static inline __m128i scan_within(__m128i bytes, char first, char last)
{
    const __m128i from_first = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
    const __m128i most = _mm_set1_epi8((char)(last - first));

    return _mm_cmpeq_epi8(_mm_min_epu8(from_first, most), from_first);
}

/* How many letters, digits and "-" a block begins with. */
static inline size_t scan_block_plain(const char *at)
{
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    const __m128i letters = scan_within(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
    const __m128i dashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-'));
    const __m128i plain = _mm_or_si128(_mm_or_si128(letters, dashes), scan_within(bytes, '0', '9'));

    return (size_t)__builtin_ctz(~(unsigned)_mm_movemask_epi8(plain));
}

#endif
