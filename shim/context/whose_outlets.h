/* Whose baggage applies: what the rules remember of outbound connections (R4, R5). */
#ifndef BELLHOP_CONTEXT_WHOSE_OUTLETS_H
#define BELLHOP_CONTEXT_WHOSE_OUTLETS_H

#include "context/whose.h"

/* What is remembered of an outbound connection. All threads may tell of it. */
struct outlet_mark {
    _Atomic(whose_name) owner;  /* R4 */
    _Atomic(whose_name) writer; /* who wrote last, */
    _Atomic(const void *) by;   /* and the thread */
    atomic_uchar surety;        /* of the owner when it became that: enum confidence */
    atomic_bool begun;          /* a request was written since it connected */
    atomic_bool mixed;          /* answers to several requests may be under way */
    atomic_uint writes;         /* how often something was written, */
    atomic_uint heard;          /* and how often it had been when the last read began that got
                                   something: the same, if there was one since the last write */
};

/* It connects somewhere. */
void whose_connects(struct worker *w, struct outlet_mark *m);

/* It writes the beginning of a request on an outbound connection on which so many answers are
 * outstanding, or something that is no HTTP (UINT_MAX). Returns whose baggage applies to it. */
struct whose whose_writes(struct worker *w, struct outlet_mark *m, unsigned outstanding);
#define WHOSE_UNCOUNTED (~0u)

/* What whose_writes would return for a request, without the event. */
struct whose whose_would_write(const struct worker *w, struct outlet_mark *m);

/* It read from an outbound connection on which, before that, so many answers were outstanding, and
 * m->writes was this when it began to. */
void whose_hears(struct worker *w, struct outlet_mark *m, unsigned outstanding, unsigned writes);

#endif
