/* A byte at a time, for every processor; see scan.h. */
#ifndef BELLHOP_BAGGAGE_SCAN_BYTES_H
#define BELLHOP_BAGGAGE_SCAN_BYTES_H

static inline const char *scan_key(const char *p, const char *end)
{
    return scan_class(p, end, OCTET_KEY);
}

static inline const char *scan_value(const char *p, const char *end)
{
    return scan_class(p, end, OCTET_VALUE);
}

#endif
