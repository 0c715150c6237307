/* What the first line of a request says, for outbound rules that ask for method or path: where no
 * rule does, none of this runs. The text stays where the program has it; only that of a head which
 * goes on in a later call is copied, up to FIRST_LINE_MAX bytes, into a store that the stream has
 * for as long as that head lasts. Without a store to be had, the line is unknown.
 *
 * A plan may come to the next request and then not be taken: so a store has two places, and a line
 * that begins within a plan goes to the one that the state before the plan does not use. */
#ifndef BELLHOP_CARRIER_FIRST_LINE_H
#define BELLHOP_CARRIER_FIRST_LINE_H

#include <stdint.h>

#include "base/span.h"
#include "policy/policy.h"

/* Of method and target, without the query. What a longer one asks for is unknown, cut or not. */
#define FIRST_LINE_MAX 1012

/* Of a sender, and copied with it. */
struct first_line {
    uint16_t len;   /* bytes of it so far, at most FIRST_LINE_MAX; UINT16_MAX: it is unknown */
    uint8_t place;  /* in the store, of this line */
    uint8_t in_use; /* the place of the state before the plan */
    bool kept;      /* it is in the store; else where the program has it */
    bool whole;     /* it ended, and the message goes on */
};

struct first_line_store;

/* Of a stream: what is not to be put back with its sender's state. */
struct first_line_desk {
    const char *at;                 /* a line that is not kept; during a call */
    struct first_line_store *store; /* NULL: none is taken */
};

/* A plan begins, on a copy of this state. */
void first_line_plan(struct first_line *l);

/* It began before anybody asked for it: it is unknown. */
void first_line_miss(struct first_line *l);

/* The stream's next bytes, and the event that they led to. */
void first_line_feed(struct first_line *l, struct first_line_desk *d, struct span in,
                     enum http_event event);

/* The call's bytes end. `in_head`: the line is still of use. */
void first_line_settle(struct first_line *l, struct first_line_desk *d, bool in_head);

/* Fills in what is known of method and path; they live as long as the call. */
void first_line_tell(const struct first_line *l, const struct first_line_desk *d,
                     struct target *to);

/* Gives the store back, if there is one. */
void first_line_drop(struct first_line_desk *d);

#endif
