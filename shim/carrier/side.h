/* A side of a connection (sending, receiving) is used by one call at a time, and nobody waits: who
 * finds another call under way spoils the side, and what was known of it is given up. */
#ifndef BELLHOP_CARRIER_SIDE_H
#define BELLHOP_CARRIER_SIDE_H

#include <stdatomic.h>
#include <stdbool.h>

enum { SIDE_IDLE, SIDE_BUSY, SIDE_SPOILED };

static inline bool side_take(atomic_uint *side)
{
    unsigned idle = SIDE_IDLE;
    if (atomic_compare_exchange_strong(side, &idle, SIDE_BUSY))
        return true;
    atomic_store(side, SIDE_SPOILED); /* for ever, if the other one never comes back */
    return false;
}

/* False: somebody else came by meanwhile. */
static inline bool side_leave(atomic_uint *side)
{
    unsigned busy = SIDE_BUSY;
    return atomic_compare_exchange_strong(side, &busy, SIDE_IDLE);
}

#endif
