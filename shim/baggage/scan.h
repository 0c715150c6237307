/* The loops that look at every byte of a header. Each reads [p, end) only, and returns the first
 * byte that does not belong, or end. Two twins give the same answers; the processor decides which.
 */
#ifndef BELLHOP_BAGGAGE_SCAN_H
#define BELLHOP_BAGGAGE_SCAN_H

#include "baggage/octet.h"

static inline const char *scan_class(const char *p, const char *end, unsigned octets)
{
    while (p != end && octet_is(*p, octets))
        p++;
    return p;
}

static inline const char *scan_ows(const char *p, const char *end)
{
    return scan_class(p, end, OCTET_OWS);
}

/* BELLHOP_PORTABLE lets the tests hold the twins against each other on one machine. */
#if defined(__SSE2__) && !defined(BELLHOP_PORTABLE)
#include "baggage/scan_sse2.h"
#else
#include "baggage/scan_bytes.h"
#endif

#endif
