/* The sending engine: carries a program's call of any kind out against the real function, with what
 * is ours put in, and gives back the result that the program would have seen (promises P2, P3). */
#ifndef BELLHOP_HOOKS_OUT_H
#define BELLHOP_HOOKS_OUT_H

#include "base/fdtable.h"
#include "carrier/stream.h"

/* A call of one kind on one descriptor. */
struct out {
    int fd;
    /* Offers bytes to the real function. Kinds that take one piece of memory get one vector. */
    ssize_t (*emit)(struct out *o, const struct iovec *iov, size_t count);
    bool one_piece;
    bool is_socket;            /* the call is for sockets only */
    int flags;                 /* send, sendto, sendmsg, pwritev2 */
    const struct msghdr *head; /* sendmsg: name and control, for the first bytes only */
    const void *to;            /* sendto */
    socklen_t to_len;
};

/* As the real call for all of `iov`. `entry` is the descriptor's, of any kind: what is sent on an
 * inbound connection passes by unchanged, and is looked at. */
ssize_t out_send(struct out *o, fd_entry entry, const struct iovec *iov, size_t count);

/* What is tracked under a descriptor, of any kind, or FD_NOTHING: not ours. The first two lines of
 * every hook. */
static inline fd_entry out_stream(int fd)
{
    fd_entry entry = fdtable_get(fd);
    return __builtin_expect(entry < FD_FIRST, 1) ? FD_NOTHING : entry;
}

#endif
