/* The inside of an inlet, for its two sides. */
#ifndef BELLHOP_CARRIER_INLET_STATE_H
#define BELLHOP_CARRIER_INLET_STATE_H

#include "base/counters.h"
#include "base/pool.h"
#include "carrier/inlet.h"
#include "context/bill.h"
#include "context/fields.h"
#include "context/process.h"
#include "context/request.h"
#include "http/request.h"
#include "http/response.h"

/* Requests that may be read before the first of them is answered; a power of two. */
#define INLET_TURNS 16

struct inlet {
    struct pool_head head;
    atomic_bool dark;           /* no more requests are found */
    atomic_bool deaf;           /* answers cannot be told apart */
    atomic_bool wrote;          /* something was sent since the last request began, */
    atomic_bool unheard;        /* or may have been, unseen */
    atomic_bool read;           /* something was received */
    bool is_guess, is_socket;   /* see inlet_guess */
    atomic_bool passed_over;    /* of no use: see pass_over */
    uint64_t name;              /* by which the rules know it */
    _Atomic(uint64_t) set;      /* see inlet_swap_set */
    struct http_request asks;   /* of who has the receiving side, as the next three */
    struct regime *by;          /* held while a head is read; or NULL */
    struct capture *fields;     /* of the head that is being read */
    uint8_t method;             /* of that, and */
    bool line_open;             /* whether one of its lines is being read, */
    bool line_blank;            /* and the one before was blank so far */
    bool keeps_line, past_line; /* the request line is kept for policy; and is over */
    struct peer peer;
    uint16_t port;
    bool fresh; /* a request began in this call */

    struct http_response tells; /* of who has the sending side */
    unsigned expected;          /* requests that `tells` knows of */
    bool switches;              /* the answer that is being sent is the last of HTTP */

    /* Requests that are not answered: the receiving side adds them, the sending side takes them
     * away; when it cannot any more, the receiving side does. */
    _Atomic(uint64_t) turn[INLET_TURNS];
    atomic_uchar methods[INLET_TURNS];
    atomic_uint begun, ended;
    /* From the sending side: 1 + the number of the request that was answered, and how. */
    _Atomic(uint64_t) answer;
    uint64_t answer_seen;
    struct bill bill; /* of the request that began last */

    /* Not zeroed, so that a look is enough to read them (pool_peek). */
    atomic_bool unmarked;       /* it is passed over, and the rules know it by its own name */
    _Atomic(const void *) user; /* the thread that used it last since it is passed over */
};

_Static_assert(sizeof(struct inlet) <= 1024, "a tracked connection costs 1 KB at most");

extern struct pool inlets;

/* A head is read under the regime that is in force when it begins: called where one may begin, by
 * who has the receiving side; and let go when it is read, or nothing more will be. A connection
 * that waits for its next request keeps no former regime from going. */
void inlet_follow_regime(struct inlet *s);
void inlet_let_regime_go(struct inlet *s);

/* The first request that is not answered; 0: none. */
uint64_t inlet_front(const struct inlet *s);

/* That one is over (R6). False: there was none. */
bool inlet_end_front(struct inlet *s);

/* The calling thread uses a connection that is passed over. */
void inlet_use(struct inlet *s);

/* The same of an unmarked one, as most are that are passed over; false: it is none. */
bool inlet_used_unmarked(uint64_t name);

/* All are. */
void inlet_end_all(struct inlet *s);

#endif
