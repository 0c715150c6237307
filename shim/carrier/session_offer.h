/* What a session offers to the library: made here, kept while it is in the air. Internal to
 * session.h.
 */
#ifndef BELLHOP_CARRIER_SESSION_OFFER_H
#define BELLHOP_CARRIER_SESSION_OFFER_H

#include <stdatomic.h>

#include "carrier/session.h"

struct session {
    uint64_t stream; /* of a client; or */
    uint64_t inlet;  /* of a server, once something was received (asked) */
    bool served, asked;
    struct stream_call call;
    struct iovec program; /* its bytes, in the call that is under way */
    size_t done;          /* of those, taken in a call that has not succeeded yet */
    size_t flying;        /* length of an offer that was refused; 0: none */
    const void *from;     /* where the program's bytes were when it was */
    char *buffer;         /* BUFFER bytes, or NULL */
    char *copy;           /* of the program's bytes, for when it does not show them again */
    size_t copy_len;
    unsigned notes;
    int error;      /* errno, as the library is to find it and as it left it */
    bool assembled; /* the offer is in `buffer`, not at the program's own place */
    bool open;      /* `call` began */
    atomic_bool over;
    _Atomic(const void *) owner; /* the thread whose call is under way */
};

/* Decides on the next offer, and where it stands. False: the stream is none of ours any more. */
bool offer_prepare(struct session *s, const struct session_way *way);

/* Keeps the program's bytes, which it need not show again. False: no memory. */
bool offer_keep_copy(struct session *s, const void *data, size_t len);

/* As offer_keep_copy, of memory that is the session's from now on. */
void offer_take_copy(struct session *s, char *data, size_t len);

#endif
