/* What a byte may be in a baggage string (STANDARD A). */
#ifndef BELLHOP_BAGGAGE_OCTET_H
#define BELLHOP_BAGGAGE_OCTET_H

#include <stdint.h>

enum { OCTET_KEY = 1, OCTET_VALUE = 2, OCTET_OWS = 4 };

/* Said to be hidden, so that a lookup does not pass through the GOT. */
extern const uint8_t octet_class[256] __attribute__((visibility("hidden")));

static inline unsigned octet_is(char c, unsigned classes)
{
    return octet_class[(unsigned char)c] & classes;
}

#endif
