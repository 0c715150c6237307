/* Base64 (RFC 4648): read byte by byte, so that nothing is copied. */
#ifndef BELLHOP_POLICY_BASE64_H
#define BELLHOP_POLICY_BASE64_H

#include <stdint.h>

#include "base/span.h"

/* Reads base64url without padding, as tokens are written: strictly, so that no two texts are the
 * same bytes. */
struct base64 {
    const char *at, *end;
    uint32_t bits;
    unsigned have; /* of bits, not handed out yet */
    bool bad;      /* an illegal text; there is no more */
};

static inline struct base64 base64_open(struct span text)
{
    return (struct base64){ .at = text.at, .end = text.at + text.len };
}

/* The next byte; -1: the end, or `bad`. */
int base64_next(struct base64 *b);

/* All of it; SIZE_MAX: illegal, or more than `max` bytes. */
size_t base64_decode(struct span text, unsigned char *out, size_t max);

#endif
