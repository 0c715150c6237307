/* The program's bytes that a call is to send: an array of vectors, from an offset on. */
#ifndef BELLHOP_CARRIER_SOURCE_H
#define BELLHOP_CARRIER_SOURCE_H

#include <stddef.h>
#include <sys/uio.h>

#include "base/span.h"

struct source {
    const struct iovec *iov;
    size_t count;
    size_t skip; /* bytes of iov[0] that are gone */
};

static inline size_t source_len(const struct source *s)
{
    size_t len = 0;
    for (size_t i = 0; i < s->count; i++)
        len += s->iov[i].iov_len;
    return len - s->skip;
}

/* Empty vectors are gone, too. */
static inline void source_advance(struct source *s, size_t bytes)
{
    s->skip += bytes;
    while (s->count && s->skip >= s->iov[0].iov_len) {
        s->skip -= s->iov[0].iov_len;
        s->iov++;
        s->count--;
    }
}

/* As many of the next bytes as lie in one piece, but at most `limit`. */
static inline struct span source_span(const struct source *s, size_t limit)
{
    if (!s->count || !limit)
        return SPAN("");
    size_t len = s->iov[0].iov_len - s->skip;
    return span_make((const char *)s->iov[0].iov_base + s->skip, len < limit ? len : limit);
}

#endif
