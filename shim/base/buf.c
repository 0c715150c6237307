#include "base/buf.h"

void buf_putu(struct buf *b, unsigned long value)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    buf_put(b, span_make(digits + at, sizeof digits - at));
}
