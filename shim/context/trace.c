#include "context/trace.h"

#include "base/limits.h"

#define VERSION_00_LEN 55 /* 00-<32 hex>-<16 hex>-<2 hex> */

/* `len` lower-case hex digits; `zero` tells whether all are '0'. Without a branch a byte, as each
 * request that comes in is asked. */
static inline bool hex_run(const char *at, size_t len, bool *zero)
{
    unsigned others = 0, digits = 0;
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)at[i];
        others |= (unsigned)((unsigned char)(c - '0') > 9) & ((unsigned char)(c - 'a') > 5);
        digits |= c ^ '0';
    }
    *zero = digits == 0;
    return others == 0;
}

static bool is_printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((s.at[i] < 0x20 || s.at[i] > 0x7e) && s.at[i] != '\t')
            return false;
    return true;
}

bool traceparent_valid(struct span v)
{
    bool version_zero, trace_zero, parent_zero, flags_zero;
    if (v.len < VERSION_00_LEN || v.len > LIMIT_TRACEPARENT)
        return false;
    if (v.at[2] != '-' || v.at[35] != '-' || v.at[52] != '-')
        return false;
    if (!hex_run(v.at, 2, &version_zero) || !hex_run(v.at + 3, 32, &trace_zero) ||
        !hex_run(v.at + 36, 16, &parent_zero) || !hex_run(v.at + 53, 2, &flags_zero))
        return false;
    if (trace_zero || parent_zero || (v.at[0] == 'f' && v.at[1] == 'f'))
        return false;
    if (v.len == VERSION_00_LEN)
        return true;
    return !version_zero && v.at[VERSION_00_LEN] == '-' && is_printable(v);
}

bool tracestate_valid(struct span v)
{
    return span_trim(v).len > 0 && v.len <= LIMIT_TRACESTATE && is_printable(v);
}
