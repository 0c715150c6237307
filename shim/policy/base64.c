#include "policy/base64.h"

static int digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

int base64_next(struct base64 *b)
{
    while (b->have < 8) {
        if (b->at == b->end) {
            /* Six bits are a digit too many, and what is left over must be zero. */
            b->bad |= b->have >= 6 || (b->bits & ((1u << b->have) - 1));
            return -1;
        }
        int value = digit(*b->at);
        if (b->bad || value < 0) {
            b->bad = true;
            return -1;
        }
        b->at++;
        b->bits = b->bits << 6 | (uint32_t)value;
        b->have += 6;
    }
    b->have -= 8;
    return b->bits >> b->have & 255;
}

size_t base64_decode(struct span text, unsigned char *out, size_t max)
{
    struct base64 b = base64_open(text);
    size_t len = 0;
    for (int c; (c = base64_next(&b)) >= 0; len++) {
        if (len == max)
            return SIZE_MAX;
        out[len] = (unsigned char)c;
    }
    return b.bad ? SIZE_MAX : len;
}
