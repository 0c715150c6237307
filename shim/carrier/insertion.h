/* What of ours goes into the head of one request, at one place: a piece of the bytes of a context,
 * said as spans, so that nothing is copied and any part of it can be sent at any time. */
#ifndef BELLHOP_CARRIER_INSERTION_H
#define BELLHOP_CARRIER_INSERTION_H

#include "context/process.h"

enum insertion_kind {
    INSERT_NOTHING,
    INSERT_MERGE, /* into the program's own baggage line, before its end */
    INSERT_LINES, /* as lines, before the empty line that ends the head */
};

struct insertion {
    const struct context *of; /* whose bytes; borrowed */
    struct verdict what;      /* which members, and how */
    uint32_t forward;         /* LINES: indices into the context's lines to forward, a bit each */
    uint32_t sent;            /* bytes that went out already */
    uint8_t kind;
    bool comma;       /* MERGE: a member stands before it */
    bool behind;      /* MERGE: a comma does; then one goes behind, as the line may go on folded */
    bool bare_lf;     /* LINES: how the lines of this head end */
    bool traceparent; /* LINES */
    bool tracestate;  /* LINES */
    bool again;       /* something went into this request before */
};

/* All members of it, in whatever way they go. */
static inline member_set insertion_members(const struct insertion *i)
{
    return i->what.members | i->what.fixed | i->what.hashed;
}

/* Narrows down what goes to these. */
static inline void insertion_only(struct insertion *i, member_set set)
{
    i->what.members &= set;
    i->what.fixed &= set;
    i->what.hashed &= set;
}

/* All of its bytes, sent or not. */
size_t insertion_len(const struct insertion *i);

/* The bytes that are left, as at most `max` spans in order; returns how many. More than `max` would
 * be needed: the first ones. */
size_t insertion_spans(const struct insertion *i, struct span *out, size_t max);

#endif
