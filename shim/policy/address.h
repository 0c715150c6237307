/* Numeric addresses, compared by value. IPv4 is held as IPv4-mapped IPv6, so that both spellings of
 * one address are equal. */
#ifndef BELLHOP_POLICY_ADDRESS_H
#define BELLHOP_POLICY_ADDRESS_H

#include <stdint.h>

#include "base/span.h"

/* As the two halves of one 128-bit number. */
struct address {
    uint64_t high, low;
};

/* The prefix length of an IPv4 network's first bit in the mapped form. */
#define ADDRESS_V4_BITS 96

/* Reads what a resolver takes for an address without asking anybody: IPv6 (a zone is skipped), and
 * IPv4 in all spellings of inet_aton: 127.1, 0x7f.1, 2130706433. 0.0.0.0 and :: become the loopback
 * address, which is where a connection to them goes. False: it is a name. */
bool address_parse(struct span text, struct address *out);

/* Reads an address as people should write it: IPv6, or four decimal numbers without leading zeros.
 */
bool address_parse_strict(struct span text, struct address *out);

static inline bool address_is_v4(const struct address *a)
{
    return a->high == 0 && a->low >> 32 == 0xffff;
}

/* True if the first `bits` (<= 128) bits are those of `net`. An IPv4 address is in no network wider
 * than all of IPv4: ::/0 means every IPv6 address. */
static inline bool address_within(const struct address *a, const struct address *net, unsigned bits)
{
    if (bits < ADDRESS_V4_BITS && address_is_v4(a))
        return false;
    if (bits <= 64)
        return bits == 0 || (a->high ^ net->high) >> (64 - bits) == 0;
    return a->high == net->high && (a->low ^ net->low) >> (128 - bits) == 0;
}

/* True if `net` has no bit set after the first `bits`. */
static inline bool address_is_net(const struct address *net, unsigned bits)
{
    if (bits < 64)
        return net->low == 0 && net->high << bits == 0;
    return bits == 128 || net->low << (bits - 64) == 0;
}

#endif
