/* What is told of each outgoing request: to the log (keys, never values), and to the counters. */
#ifndef BELLHOP_CARRIER_REPORT_H
#define BELLHOP_CARRIER_REPORT_H

#include "base/counters.h"
#include "base/log.h"
#include "context/process.h"
#include "http/request.h"

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

/* Counters of what was decided. A request that begins, for the one that it belongs to. */
void report_association(struct whose who);

/* Why one was left as it was, and members behind: what `now` has more than `before`. */
struct sender_tally;
void report_tally(const struct sender_tally *before, const struct sender_tally *now);

/* As the framer's words are counted; `requests`: the stream had some before. */
enum count_opaque report_dark(const struct http_request *r, bool requests);

/* A stream is given up. `family` is the first counter of those for it. */
void report_opaque(enum counter family, enum count_opaque why);

#endif
