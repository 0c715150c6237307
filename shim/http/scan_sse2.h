/* Sixteen bytes at a time, while there are sixteen; see scan.h. */
#ifndef BELLHOP_HTTP_SCAN_SSE2_H
#define BELLHOP_HTTP_SCAN_SSE2_H

#include <emmintrin.h>

/* The index of the first byte below `limit` (at most 0x80), or where the last whole sixteen end. */
static inline size_t scan_blocks_below(const char *at, size_t len, unsigned char limit)
{
    const __m128i most = _mm_set1_epi8((char)(limit - 1));
    size_t i = 0;

    for (; len - i >= 16; i += 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
        const __m128i below = _mm_cmpeq_epi8(_mm_min_epu8(bytes, most), bytes);
        const unsigned mask = (unsigned)_mm_movemask_epi8(below);

        if (mask)
            return i + (size_t)__builtin_ctz(mask);
    }
    return i;
}

#endif
