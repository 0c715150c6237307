/* What is told of each outgoing request: to the log (keys, never values). */
#ifndef BELLHOP_CARRIER_REPORT_H
#define BELLHOP_CARRIER_REPORT_H

#include "base/log.h"
#include "context/process.h"

struct report {
    const char *carrier;      /* "curl", "socket" ... */
    const struct target *to;  /* NULL: unknown */
    const struct context *of; /* NULL: nothing applied */
    int rule;                 /* as struct verdict */
    member_set judged;        /* what policy let go */
    member_set sent;          /* what went */
    bool trace;               /* traceparent of ours went */
    const char *outcome;      /* "added", "merged", or why nothing was */
};

/* One line at level debug; nothing, cheaply, when the log does not want it. */
void report_request(const struct report *r);

#endif
