/* What was captured of a request, sorted by what it is, with policy's word on what of it comes in.
 */
#ifndef BELLHOP_CONTEXT_FIELDS_H
#define BELLHOP_CONTEXT_FIELDS_H

#include "context/capture.h"
#include "context/context.h"
#include "policy/inbound.h"

/* Lines of a capture that are no header: the request line, the client's address as text, that it
 * came over a Unix socket, the local port as text, and, before each
 * line of a header that policy asked for, its name: other settings may ask for others. */
enum { FIELD_LINE = 100, FIELD_PEER, FIELD_PEER_UNIX, FIELD_PORT, FIELD_NAME };

#define FIELDS_FORWARDED 32 /* lines that are forwarded of one request */

struct fields {
    struct baggage baggage; /* what came, */
    member_set admitted;    /* and what of that is let in */
    struct baggage made;    /* members that policy made of other parts */
    struct forwarded forward[FIELDS_FORWARDED];
    uint32_t forwards;
    struct span traceparent; /* empty: none, or several, or not valid */
    struct span tracestate;  /* of all its lines */
    char *joined, *text;     /* memory for that, and for `made` */
};

/* The capture (NULL: nothing was sent) must outlive what is returned. NULL: no memory. Who looks
 * first counts what does not come in. Async-signal-safe. */
struct fields *fields_sort(const struct capture *from, const struct policy *policy);

/* Counts what is wrong with a list that came. */
void fields_count_list(const struct baggage *b);

void fields_free(struct fields *f);

#endif
