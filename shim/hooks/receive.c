/* Everything that receives on a descriptor: the real call first, then a look at what came. What the
 * descriptor is is asked before: while the call waits, another thread may close it, and its number
 * come back. */
#include <errno.h>

#include "carrier/inlet.h"
#include "hooks/fds.h"
#include "hooks/libc.h"
#include "hooks/out.h"
#include "hooks/real.h"
#include "hooks/vfork.h"

#define FLAGS_UNSEEN (MSG_TRUNC | MSG_ERRQUEUE | MSG_OOB)

/* What is known of a descriptor before the call. */
struct source_of {
    fd_entry entry;
    unsigned before;
};

static inline struct source_of source_of(int fd)
{
    fd_entry entry = out_stream(fd);
    return (struct source_of){ entry, __builtin_expect(entry != 0, 0) ? fds_before(entry) : 0 };
}

static void tell(const struct source_of *from, const struct iovec *iov, size_t count, ssize_t n)
{
    if (n > 0)
        fds_passed_in(from->entry, iov, count, (size_t)n, from->before);
    else if (fd_kind(from->entry) == FD_INLET && errno == EAGAIN)
        inlet_idle(fd_name(from->entry));
}

/* `n` bytes arrived in these vectors, or the call failed. */
static ssize_t saw(const struct source_of *from, const struct iovec *iov, size_t count, ssize_t n,
                   int flags)
{
    if (!from->entry || n == 0 || hooks_vforked || (flags & MSG_PEEK))
        return n;
    int saved = errno;
    tell(from, flags & FLAGS_UNSEEN ? NULL : iov, count, n);
    errno = saved;
    return n;
}

static ssize_t saw_piece(const struct source_of *from, void *data, ssize_t n, int flags)
{
    const struct iovec iov = { .iov_base = data, .iov_len = n > 0 ? (size_t)n : 0 };
    return saw(from, &iov, 1, n, flags);
}

EXPORT ssize_t read(int fd, void *data, size_t len)
{
    const struct source_of source = source_of(fd);
    return saw_piece(&source, data, REAL(read)(fd, data, len), 0);
}

EXPORT ssize_t readv(int fd, const struct iovec *iov, int count)
{
    const struct source_of source = source_of(fd);
    ssize_t n = REAL(readv)(fd, iov, count);
    return saw(&source, iov, n > 0 ? (size_t)count : 0, n, 0);
}

EXPORT ssize_t recv(int fd, void *data, size_t len, int flags)
{
    const struct source_of source = source_of(fd);
    return saw_piece(&source, data, REAL(recv)(fd, data, len, flags), flags);
}

EXPORT ssize_t recvfrom(int fd, void *restrict data, size_t len, int flags,
                        struct sockaddr *restrict from, socklen_t *restrict from_len)
{
    const struct source_of source = source_of(fd);
    return saw_piece(&source, data, REAL(recvfrom)(fd, data, len, flags, from, from_len), flags);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    const struct source_of source = source_of(fd);
    ssize_t n = REAL(recvmsg)(fd, message, flags);
    if (n < 0)
        return saw(&source, NULL, 0, n, flags);
    fds_received(message);
    return saw(&source, message->msg_iov, message->msg_iovlen, n, flags);
}

EXPORT int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags,
                    struct timespec *timeout)
{
    const struct source_of source = source_of(fd);
    int n = REAL(recvmmsg)(fd, messages, count, flags, timeout);
    for (int i = 0; i < n; i++) {
        const struct msghdr *m = &messages[i].msg_hdr;
        fds_received(m);
        saw(&source, m->msg_iov, m->msg_iovlen, messages[i].msg_len, flags);
    }
    return n;
}

/* The fortified ones abort when `len` is more than `room`; that stays theirs to do. */
EXPORT ssize_t __read_chk(int fd, void *data, size_t len, size_t room)
{
    const struct source_of source = source_of(fd);
    return saw_piece(&source, data, REAL(__read_chk)(fd, data, len, room), 0);
}

EXPORT ssize_t __recv_chk(int fd, void *data, size_t len, size_t room, int flags)
{
    const struct source_of source = source_of(fd);
    return saw_piece(&source, data, REAL(__recv_chk)(fd, data, len, room, flags), flags);
}

EXPORT ssize_t __recvfrom_chk(int fd, void *data, size_t len, size_t room, int flags,
                              struct sockaddr *from, socklen_t *from_len)
{
    const struct source_of source = source_of(fd);
    ssize_t n = REAL(__recvfrom_chk)(fd, data, len, room, flags, from, from_len);
    return saw_piece(&source, data, n, flags);
}

EXPORT ssize_t __read(int fd, void *data, size_t len) __attribute__((alias("read")));
