/* The sending side of a stream: where in its bytes something of ours goes, and what. Pure: it is
 * given the program's bytes, says what to offer to the kernel (or to TLS) instead, and is told how
 * much of that was taken (DESIGN.md 4, promises P2 and P3).
 *
 *     sender_plan()    what to offer: bytes of the program, then some of ours, then more of its own
 *     ... the call ...
 *     sender_commit()  how many of the program's bytes were among those taken
 */
#ifndef BELLHOP_CARRIER_SENDER_H
#define BELLHOP_CARRIER_SENDER_H

#include "base/counters.h"
#include "carrier/first_line.h"
#include "carrier/insertion.h"
#include "carrier/own_keys.h"
#include "carrier/peer.h"
#include "carrier/source.h"
#include "http/request.h"

#define SENDER_METHODS 32

/* Why a request was left as it was. */
enum sender_skip {
    SKIP_EMPTY,   /* nothing applies to it */
    SKIP_POLICY,  /* nothing of that may go there, */
    SKIP_OFF,     /* or nothing at all */
    SKIP_PRESENT, /* the program says it all itself */
    SKIP_LIMIT,   /* it does not fit beside what the program says */
    SKIP_TUNNEL,  /* it is a CONNECT */
    SKIP_OPAQUE,  /* its head cannot be followed to the end */
    SKIP_NOTHING, /* there is no context */
    SENDER_SKIPS
};

/* So far, modulo 2^16; who commits counts what is new. */
struct sender_tally {
    uint16_t changes; /* other than before: something here is */
    uint16_t skipped[SENDER_SKIPS];
    uint16_t outbound, limit, duplicate; /* members that were left behind */
};

/* Copied freely: a plan works on a copy until it is known what was taken. */
struct sender {
    struct http_request http;
    struct insertion ins;    /* decided on, and not all taken: stands before the next byte */
    struct own_keys own;     /* of the head that is being read */
    struct context *context; /* of that head; borrowed from the stream */
    uint64_t methods;        /* of the last SENDER_METHODS, two bits each, the newest lowest */
    uint32_t requests;       /* whose first lines went by */
    uint32_t own_forward;    /* it has lines with these names: fields, a bit each */
    struct sender_tally tally;
    bool left_alone;        /* another carrier cares for this request */
    bool own_baggage;       /* it has a baggage line */
    bool own_trace;         /* it has a traceparent or tracestate line */
    bool absolute;          /* its target names the host, so that the peer may be a proxy */
    bool in_head;           /* its head has begun, and is ours to count */
    bool put;               /* something was put into it */
    uint8_t skip;           /* enum sender_skip, if nothing is */
    uint8_t carrier;        /* enum count_carrier */
    struct first_line line; /* of that head, if the call has a desk */
};

/* What to offer, and the state after all of it is taken. */
struct chunk {
    size_t before; /* bytes of the program */
    struct insertion ins;
    size_t ours;       /* bytes of `ins` that are left */
    size_t tail;       /* bytes of the program behind it */
    uint32_t requests; /* as in the state after it, */
    uint64_t methods;  /* likewise */
    bool opaque;       /* nothing will ever be inserted again after it */
    bool whole;        /* it is one request, seen at one look */
    union {
        struct sender after;
        struct {
            struct http_whole_request request; /* what makes `after` out of the state before */
            uint8_t skip;                      /* enum sender_skip, if nothing is inserted */
            bool counts;                       /* it is ours to count */
            char room[464];                    /* where the offer may be put together */
        } one;
    };
};

struct sending {
    const struct peer *peer;
    struct context *now;          /* context for heads that begin in this call; may be NULL */
    struct first_line_desk *desk; /* NULL: no rule asks what first lines say */
    bool left_alone;              /* for those heads */
};

void sender_init(struct sender *s, enum count_carrier carrier);

/* Plans the next offer for what is left in `from`. An offer without `ours` is the whole rest. */
void sender_plan(const struct sender *s, struct source from, const struct sending *call,
                 struct chunk *out);

/* `taken` of the bytes offered were taken, in order. Returns how many of them were the program's.
 */
size_t sender_commit(struct sender *s, struct source from, const struct sending *call,
                     const struct chunk *c, size_t taken);

/* How many of the first `taken` bytes of the offer are the program's. */
size_t chunk_own(const struct chunk *c, size_t taken);

/* True if nothing will ever be inserted again. */
bool sender_is_opaque(const struct sender *s);

#endif
