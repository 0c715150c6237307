/* Eight bytes at a time, where there is nothing wider; see scan.h. */
#ifndef BELLHOP_HTTP_SCAN_WORDS_H
#define BELLHOP_HTTP_SCAN_WORDS_H

#define SCAN_BLOCK 8

/* The index of the first byte below `limit` (at most 0x80) in a block, or SCAN_BLOCK. A borrow
 * reaches the top bit of each such byte, and may reach that of others above the lowest, never
 * below; which of them comes first in memory is left to a loop. */
static inline size_t scan_block_below(const char *at, unsigned char limit)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t word;
    size_t i = 0;

    memcpy(&word, at, sizeof word);
    if (!((word - ones * limit) & ~word & (ones << 7)))
        return SCAN_BLOCK;
    while ((unsigned char)at[i] >= limit)
        i++;
    return i;
}

/* How many bytes that may stand in a token a block begins with. */
static inline size_t scan_block_plain(const char *at)
{
    size_t n = 0;

    while (n < SCAN_BLOCK && http_token_of(at[n]))
        n++;
    return n;
}

#endif
