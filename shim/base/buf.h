/* A bounded buffer over storage that the caller owns. It never grows and never writes past `max`:
 * what does not fit is left out as a whole, and `cut` remembers that something was. */
#ifndef BELLHOP_BASE_BUF_H
#define BELLHOP_BASE_BUF_H

#include "base/span.h"

struct buf {
    char *at;
    size_t len; /* <= max */
    size_t max;
    bool cut; /* something did not fit */
};

static inline struct buf buf_over(char *storage, size_t max)
{
    return (struct buf){ .at = storage, .max = max };
}

static inline void buf_put(struct buf *b, struct span s)
{
    if (s.len > b->max - b->len) {
        b->cut = true;
        return;
    }
    if (s.len)
        memcpy(b->at + b->len, s.at, s.len);
    b->len += s.len;
}

static inline void buf_puts(struct buf *b, const char *string)
{
    buf_put(b, span_of(string));
}

static inline void buf_putc(struct buf *b, char c)
{
    buf_put(b, span_make(&c, 1));
}

/* In decimal. */
void buf_putu(struct buf *b, unsigned long value);

static inline struct span buf_span(const struct buf *b)
{
    return span_make(b->at, b->len);
}

#endif
