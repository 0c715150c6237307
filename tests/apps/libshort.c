/* Stands behind the shim and takes less of what a socket is offered than it could: any part, or
 * nothing with EAGAIN or EINTR. SHORT is the seed of what it does; without it, it does nothing. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static uint64_t state;
static int on;

__attribute__((constructor)) static void start(void)
{
    const char *seed = getenv("SHORT");
    on = seed != NULL;
    state = seed ? strtoull(seed, NULL, 10) : 0;
}

static uint64_t next(void)
{
    uint64_t x = state += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/* How much of `len` to take; -1: nothing, and errno. */
static ssize_t portion(int fd, size_t len)
{
    int type = 0;
    socklen_t size = sizeof type;
    int saved = errno;
    if (!on || len == 0 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
        errno = saved;
        return (ssize_t)len;
    }
    uint64_t x = next();
    if (x % 8 == 0) {
        errno = x & 64 ? EAGAIN : EINTR;
        return -1;
    }
    return x % 8 < 3 ? (ssize_t)len : 1 + (ssize_t)((x >> 8) % len);
}

static size_t total(const struct iovec *iov, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += iov[i].iov_len;
    return len;
}

/* The first `len` bytes of these vectors. */
static size_t cut(const struct iovec *iov, size_t count, size_t len, struct iovec *out)
{
    size_t used = 0;
    for (; used < count && used < IOV_MAX && len; used++) {
        out[used] = iov[used];
        if (out[used].iov_len > len)
            out[used].iov_len = len;
        len -= out[used].iov_len;
    }
    return used;
}

static ssize_t send_vectors(int fd, const struct msghdr *message, int flags)
{
    static _Thread_local struct iovec some[IOV_MAX];
    struct msghdr m = *message;
    ssize_t n = portion(fd, total(m.msg_iov, m.msg_iovlen));
    if (n < 0)
        return n;
    m.msg_iovlen = cut(m.msg_iov, m.msg_iovlen, (size_t)n, some);
    m.msg_iov = some;
    return syscall(SYS_sendmsg, fd, &m, flags);
}

ssize_t write(int fd, const void *data, size_t len)
{
    ssize_t n = portion(fd, len);
    return n < 0 ? n : syscall(SYS_write, fd, data, n);
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
    static _Thread_local struct iovec some[IOV_MAX];
    ssize_t n = portion(fd, total(iov, (size_t)count));
    return n < 0 ? n : syscall(SYS_writev, fd, some, cut(iov, (size_t)count, (size_t)n, some));
}

ssize_t pwritev2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
    static _Thread_local struct iovec some[IOV_MAX];
    ssize_t n = portion(fd, total(iov, (size_t)count));
    if (n < 0)
        return n;
    return syscall(SYS_pwritev2, fd, some, cut(iov, (size_t)count, (size_t)n, some), offset, 0,
                   flags);
}

/* Not called by name: that would be the shim's. */
static ssize_t send_to(int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
                       socklen_t to_len)
{
    ssize_t n = portion(fd, len);
    return n < 0 ? n : syscall(SYS_sendto, fd, data, n, flags, to, to_len);
}

ssize_t sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
               socklen_t to_len)
{
    return send_to(fd, data, len, flags, to, to_len);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    return send_to(fd, data, len, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    return send_vectors(fd, message, flags);
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    int saved = errno;
    for (unsigned i = 0; i < count; i++) {
        ssize_t n = send_vectors(fd, &messages[i].msg_hdr, flags);
        if (n < 0 && i)
            errno = saved;
        if (n < 0)
            return i ? (int)i : -1;
        messages[i].msg_len = (unsigned)n;
        if ((size_t)n < total(messages[i].msg_hdr.msg_iov, messages[i].msg_hdr.msg_iovlen))
            return (int)i + 1;
    }
    return (int)count;
}
