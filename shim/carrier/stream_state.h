/* The inside of an outbound stream, for its two sides. */
#ifndef BELLHOP_CARRIER_STREAM_STATE_H
#define BELLHOP_CARRIER_STREAM_STATE_H

#include "base/pool.h"
#include "carrier/claim.h"
#include "carrier/stream.h"
#include "context/bill.h"
#include "context/whose_outlets.h"
#include "http/response.h"

#define STREAM_ASKED 64 /* requests on their way to the receiving side; a power of two */

struct stream {
    struct pool_head head;
    atomic_bool opaque; /* of the sending side */
    atomic_bool deaf;   /* answers cannot be told apart */
    struct peer peer;
    struct outlet_mark mark;
    struct sender sender; /* of who has the side that sends */
    struct context *held; /* what `sender` borrows from */
    struct first_line_desk desk;
    struct http_response answers; /* of who has the side that receives */

    /* From the sending to the receiving side: the methods of requests, in order. */
    atomic_uint asked, heard;
    unsigned announced; /* requests that the rules were told of */
    atomic_uint done;   /* requests with a whole answer */
    atomic_uchar method[STREAM_ASKED];
    /* And back: 1 + the number of the request that was answered, and how; 0: nothing. */
    _Atomic(uint64_t) answer;
    uint64_t answer_seen;
    struct claim claim; /* for the next request; of who has the side that sends */
    struct bill bill;   /* of the request that began last; */
    bool is_lent;       /* whether that is libcurl's */
};

_Static_assert(sizeof(struct stream) <= 1024, "a tracked connection costs 1 KB at most");

extern struct pool streams;

#endif
