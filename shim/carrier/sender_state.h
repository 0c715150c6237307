/* The inside of the sending side. */
#ifndef BELLHOP_CARRIER_SENDER_STATE_H
#define BELLHOP_CARRIER_SENDER_STATE_H

#include "carrier/sender.h"

/* The names to look for in a head that this context goes into. */
static inline const struct http_watch *sender_watch(const struct context *c)
{
    return c ? c->by->watch : &http_watch_basic;
}

static inline void sender_skipped(struct sender *s, enum sender_skip why)
{
    s->tally.changes++;
    s->tally.skipped[why]++;
}

/* Plans an offer of just one request with a plain head, as most calls send; false: it is not that,
 * or has to be judged, and *out is nothing. */
bool sender_plan_whole(const struct sender *s, const struct source *from,
                       const struct sending *call, struct chunk *out);

/* All of that offer was taken. */
void sender_take_whole(struct sender *s, const struct sending *call, const struct chunk *c);

#endif
