/* What the public API hands out: an immutable list of a program's own members, and which keys it
 * took away from weaker sources. The functions are those of include/bellhop/baggage.h. */
#ifndef BELLHOP_CONTEXT_SNAPSHOT_H
#define BELLHOP_CONTEXT_SNAPSHOT_H

#include "bellhop/baggage.h"
#include "context/context.h"

struct bellhop_baggage {
    atomic_uint refs;
    member_set removed;  /* tombstones of `list`; not part of what a reader sees */
    bool alone;          /* made by clear: hides all weaker sources */
    struct span text;    /* what `list` is over */
    struct baggage list; /* last: only `count` members are allocated */
};

/* A snapshot of a parsed list; NULL: no memory. */
struct bellhop_baggage *snapshot_of(const struct baggage *list, member_set set);

/* An empty list that hides weaker sources. */
struct bellhop_baggage *snapshot_alone(void);

/* `b` with `key` hidden in weaker sources. NULL: no memory. */
struct bellhop_baggage *snapshot_hide(const struct bellhop_baggage *b, const char *key);

/* As bellhop_with, with the reason: 0 and *out, or a negative errno. */
int snapshot_set(const struct bellhop_baggage *b, const char *key, struct span value,
                 const char *metadata, struct bellhop_baggage **out);

struct bellhop_baggage *snapshot_parse(const char *field, size_t len);
size_t snapshot_format(const struct bellhop_baggage *b, char *out, size_t max);
size_t snapshot_count(const struct bellhop_baggage *b);
bool snapshot_at(const struct bellhop_baggage *b, size_t i, struct bellhop_member *out);
long snapshot_value(const struct bellhop_baggage *b, const char *key, char *out, size_t max);
struct bellhop_baggage *snapshot_with(const struct bellhop_baggage *b, const char *key,
                                      const char *value, size_t value_len, const char *metadata);
struct bellhop_baggage *snapshot_without(const struct bellhop_baggage *b, const char *key);
struct bellhop_baggage *snapshot_merge(const struct bellhop_baggage *strong,
                                       const struct bellhop_baggage *weak);
struct bellhop_baggage *snapshot_hold(struct bellhop_baggage *b);
void snapshot_release(struct bellhop_baggage *b);

#endif
