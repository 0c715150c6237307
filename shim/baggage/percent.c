#include "baggage/baggage.h"
#include "baggage/octet.h"
#include "base/buf.h"

static const char hex_digits[] = "0123456789ABCDEF";

size_t percent_encode(struct span in, char *out, size_t max)
{
    struct buf to = buf_over(out, max);
    for (size_t i = 0; i < in.len && !to.cut; i++) {
        const unsigned char c = (unsigned char)in.at[i];
        if (octet_is((char)c, OCTET_VALUE) && c != '%') {
            buf_putc(&to, (char)c);
        } else {
            const char escape[3] = { '%', hex_digits[c >> 4], hex_digits[c & 15] };
            buf_put(&to, span_make(escape, sizeof escape));
        }
    }
    return to.cut ? SIZE_MAX : to.len;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Takes the next byte, decoded, from the front of a non-empty span. */
static unsigned char take_byte(struct span *s)
{
    const char c = s->at[0];
    const int high = c == '%' && s->len >= 3 ? hex_value(s->at[1]) : -1;
    const int low = high >= 0 ? hex_value(s->at[2]) : -1;
    const size_t used = low >= 0 ? 3 : 1;
    *s = span_make(s->at + used, s->len - used);
    return (unsigned char)(low >= 0 ? high << 4 | low : c);
}

/* The bytes that may follow a UTF-8 lead byte (Unicode, table 3-7). */
struct follow {
    unsigned char count;     /* 0: the lead is none */
    unsigned char low, high; /* bounds of the first of them; the others are 80..BF */
};

static struct follow follow_of(unsigned char lead)
{
    if (lead >= 0xC2 && lead <= 0xDF)
        return (struct follow){ 1, 0x80, 0xBF };
    if (lead >= 0xE0 && lead <= 0xEF)
        return (struct follow){ 2, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF };
    if (lead >= 0xF0 && lead <= 0xF4)
        return (struct follow){ 3, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF };
    return (struct follow){ 0, 0, 0 };
}

/* Moves one character beyond ASCII: its bytes, or U+FFFD for the longest beginning of one. */
static void put_character(struct buf *to, struct span *rest, unsigned char lead)
{
    char bytes[4] = { (char)lead };
    struct follow follow = follow_of(lead);
    size_t have = 1, want = follow.count + (size_t)1;
    while (have < want && rest->len) {
        struct span ahead = *rest;
        const unsigned char next = take_byte(&ahead);
        if (next < follow.low || next > follow.high)
            break;
        bytes[have++] = (char)next;
        *rest = ahead;
        follow = (struct follow){ follow.count, 0x80, 0xBF };
    }
    buf_put(to, have == want && want > 1 ? span_make(bytes, have) : SPAN("\xEF\xBF\xBD"));
}

size_t percent_decode(struct span raw, char *out, size_t max)
{
    struct buf to = buf_over(out, max);
    while (raw.len && !to.cut) {
        const unsigned char c = take_byte(&raw);
        if (c < 0x80)
            buf_putc(&to, (char)c);
        else
            put_character(&to, &raw, c);
    }
    return to.cut ? SIZE_MAX : to.len;
}
