/* What libcurl's carrier, which knows whose a request is, says of the next request head that the
 * calling thread sends, to the streams below. One claim a thread, until there is another one, or
 * claim_drop; the first stream that is to send a head takes it, and keeps it until that has begun,
 * as the bytes may go out much later and by another thread. */
#ifndef BELLHOP_CARRIER_CLAIM_H
#define BELLHOP_CARRIER_CLAIM_H

#include "context/bill.h"
#include "context/whose.h"

struct claim {
    bool pending;
    bool unwanted;        /* nobody cares for it */
    uint64_t on;          /* it comes on this connection; 0: on any */
    uint64_t place;       /* of which further requests may be lent to the stream; 0: none */
    struct context *lent; /* what the stream puts into it, held; NULL: it has all already */
    struct whose who;
    struct bill bill; /* of that request, if its carrier begins one */
};

/* A number for a connection, by what libcurl says of its ends; 0: they do not tell it from others,
 * as those of a Unix socket. */
uint64_t claim_place(const char *peer, int peer_port, const char *local, int local_port);

/* The head has what it is to have, and is left alone. `place`, if not 0, is where it comes: the
 * connection is remembered by that, for claim_lend. */
void claim_take(struct whose who, uint64_t place);

/* The head is left alone, and nobody cares for it. */
void claim_leave_alone(void);

/* The stream is to put `c` into the head that comes at this place. False: none is remembered there
 * by this thread, which knows the last few, or it cannot (it is gone, opaque, or not between two
 * requests), and nothing is claimed. */
bool claim_lend(uint64_t place, struct whose who, struct context *c);

/* Forgets a claim that no head used. */
void claim_drop(void);

/* Moves the calling thread's into *to, if it is for this connection, in the place of one that was
 * there. */
void claim_move(struct claim *to, uint64_t connection);

/* NULL: there is none. */
static inline const struct claim *claim_pending(const struct claim *c)
{
    return c->pending ? c : NULL;
}

/* Its head has begun there, or never will. */
void claim_used(struct claim *c, uint64_t connection);
void claim_end(struct claim *c);

struct bill *claim_bill(void);

#endif
