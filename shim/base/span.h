/* A span is a view of bytes that somebody else owns. It is never NUL-terminated by promise, and is
 * valid as long as its owner says. All functions here are total: they read nothing outside of it.
 */
#ifndef BELLHOP_BASE_SPAN_H
#define BELLHOP_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *at;
    size_t len;
};

#define SPAN(literal) ((struct span){ "" literal, sizeof(literal) - 1 })

static inline struct span span_make(const char *at, size_t len)
{
    return (struct span){ at, len };
}

/* The bytes of a C string; the empty span for NULL. */
static inline struct span span_of(const char *string)
{
    return (struct span){ string, string ? strlen(string) : 0 };
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* ASCII letters in either case are equal; no locale has a say. */
bool span_equal_nocase(struct span a, struct span b);

/* Without the spaces and tabs at both ends (RFC 9110, OWS). */
struct span span_trim(struct span s);

/* The bytes before the first `sep`; *rest is what follows it, or {NULL, 0} when there was none. */
struct span span_cut(struct span s, char sep, struct span *rest);

/* An unsigned decimal number of digits only, at most `max`; false otherwise, and *out is untouched.
 */
bool span_uint(struct span s, unsigned long max, unsigned long *out);

static inline bool span_starts(struct span s, struct span prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.at, prefix.at, prefix.len) == 0);
}

#endif
