/* A stream: what is known of one outbound connection, in both directions, shared by all descriptors
 * that name it. Names are those of base/pool.h and stand in the fd table or beside a TLS session.
 *
 * No lock is held across a call: a sending call plans, lets go, calls, and comes back to commit.
 * Who finds another call under way on the same stream (a second thread, a signal handler, a call
 * that was left by siglongjmp or cancelled) makes the stream opaque and passes through. */
#ifndef BELLHOP_CARRIER_STREAM_H
#define BELLHOP_CARRIER_STREAM_H

#include "carrier/sender.h"

/* Room for so many connections in all; more can be asked for later. False: no memory. */
bool stream_reserve(size_t count);

/* A new outbound stream with one name; 0: none is to be had. Whatever is sent on it belongs to HTTP
 * only if it begins so. */
uint64_t stream_open(const struct sockaddr *peer, socklen_t len, enum count_carrier carrier);

/* The same, opaque: the rules alone hear of it. */
uint64_t stream_open_opaque(void);

/* The stream, on which nothing was sent yet, goes to this peer. False: something was. */
bool stream_connected(uint64_t name, const struct sockaddr *peer, socklen_t len);

bool stream_share(uint64_t name);
void stream_drop(uint64_t name);

/* One sending call, on the caller's stack. */
struct stream_call {
    uint64_t name;
    struct source left; /* of the program's bytes */
    struct sending how;
    struct chunk chunk;
    bool planned; /* `how.now` was looked for */
    bool opaque;  /* nothing will be inserted again: its names need not be kept */
};

enum stream_plan {
    STREAM_PASS,  /* the program's call as it is, now and for the rest; no commit */
    STREAM_OFFER, /* call->chunk says what; then stream_commit */
};

/* Opens a call with these bytes. `begin` once, `end` once, whatever happens in between. */
void stream_begin(struct stream_call *call, uint64_t name, const struct iovec *iov, size_t count);
void stream_end(struct stream_call *call);

enum stream_plan stream_plan(struct stream_call *call);

/* `taken` bytes of the offer went out (0: the call failed). Returns how many were the program's,
 * and moves on in its bytes. */
size_t stream_commit(struct stream_call *call, size_t taken);

/* Bytes that the program sent without showing them to us (sendfile, splice). */
void stream_skipped(uint64_t name, size_t count);

/* Nothing is known any more of what goes out. */
void stream_give_up(uint64_t name);

/* How often something was written, to be asked before the program receives. */
unsigned stream_writes(uint64_t name);

/* Bytes that the program received; `iov` NULL: they were not seen. `writes` is what stream_writes
 * said before. */
void stream_received(uint64_t name, const struct iovec *iov, size_t count, size_t bytes,
                     unsigned writes);

/* As `opaque` of a call. */
bool stream_is_opaque(uint64_t name);

#endif
