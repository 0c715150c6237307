/* What a process was started with, for those who compose it. */
#ifndef BELLHOP_CONTEXT_SOURCES_H
#define BELLHOP_CONTEXT_SOURCES_H

#include "context/context.h"
#include "context/snapshot.h"

/* Written once by process_start. */
struct sources {
    struct bellhop_baggage *environment; /* NULL: none */
    struct span traceparent, tracestate; /* of the environment */
};

extern struct sources process_sources;

/* They, and what policy adds, under this regime. NULL: no memory. */
struct context *sources_context(struct regime *r);

#endif
