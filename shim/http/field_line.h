/* A field line that is all there and plainly right, at one look: a token, a colon, text without
 * control characters, CR LF. What is not plain is no error: it has to be read byte by byte. */
#ifndef BELLHOP_HTTP_FIELD_LINE_H
#define BELLHOP_HTTP_FIELD_LINE_H

#include "http/http.h"
#include "http/scan.h"

/* The framers' own fields. Where one of their lines is folded, it is in doubt what the message is,
 * or whom it is for. */
#define FIELDS_OWN                                                                                 \
    (1u << HTTP_HOST | 1u << HTTP_LENGTH | 1u << HTTP_CODING | 1u << HTTP_CONNECTION |             \
     1u << HTTP_UPGRADE | 1u << HTTP_EXPECT)

static inline bool field_in(uint32_t set, uint8_t field)
{
    return field != HTTP_FIELD_NONE && (set >> field & 1);
}

/* The colon behind the name of a line that begins at `at`; NULL: it is not plain. */
static inline const char *field_line_colon(const char *at, const char *end)
{
    size_t n = end - at < SCAN_BLOCK ? SCAN_BLOCK : scan_block_plain(at);

    if (__builtin_expect(n == SCAN_BLOCK, 0))
        n = scan_token(span_make(at, (size_t)(end - at)));
    return n && at + n < end && at[n] == ':' ? at + n : NULL;
}

/* The CR that ends the line, if its LF is there as well; NULL: it is not plain. */
static inline const char *field_line_cr(const char *at, const char *colon, const char *end)
{
    const char *const cr = end - at < SCAN_BLOCK
                               ? colon + scan_below(colon, (size_t)(end - colon), ' ')
                               : scan_control(colon, end);

    return end - cr >= 2 && memcmp(cr, "\r\n", 2) == 0 ? cr : NULL;
}

/* The value, without white space before it. */
static inline struct span field_line_value(const char *colon, const char *cr)
{
    const char *from = colon + 1;

    while (*from == ' ')
        from++;
    return span_make(from, (size_t)(cr - from));
}

#endif
