/* Every way to send bytes on a descriptor. Each returns as send does. */
#ifndef BELLHOP_TESTS_ADVERSARY_WAYS_H
#define BELLHOP_TESTS_ADVERSARY_WAYS_H

#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "adversary-corpus.h"

ssize_t __write(int fd, const void *data, size_t len);
ssize_t __send(int fd, const void *data, size_t len, int flags);

#define WAY_VECTORS 48

typedef ssize_t way_fn(int fd, const char *data, size_t len, uint64_t *random);

/* Pieces of any size, empty ones too. */
static inline int way_cut(const char *data, size_t len, struct iovec *iov, int max,
                          uint64_t *random)
{
    int count = 1 + (int)random_below(random, (size_t)max);
    for (int i = 0; i < count; i++) {
        size_t part = i + 1 == count ? len : random_below(random, len < 9 ? len + 1 : 9);
        iov[i] = (struct iovec){ .iov_base = (void *)(uintptr_t)data, .iov_len = part };
        data += part;
        len -= part;
    }
    return count;
}

static ssize_t way_write(int fd, const char *data, size_t len, uint64_t *random)
{
    (void)random;
    return write(fd, data, len);
}

static ssize_t way_alias_write(int fd, const char *data, size_t len, uint64_t *random)
{
    (void)random;
    return __write(fd, data, len);
}

static ssize_t way_send(int fd, const char *data, size_t len, uint64_t *random)
{
    return send(fd, data, len, random_below(random, 2) ? MSG_NOSIGNAL : MSG_DONTWAIT);
}

static ssize_t way_alias_send(int fd, const char *data, size_t len, uint64_t *random)
{
    (void)random;
    return __send(fd, data, len, MSG_NOSIGNAL);
}

static ssize_t way_sendto(int fd, const char *data, size_t len, uint64_t *random)
{
    return sendto(fd, data, len, random_below(random, 50) ? MSG_NOSIGNAL : MSG_MORE, NULL, 0);
}

static ssize_t way_writev(int fd, const char *data, size_t len, uint64_t *random)
{
    struct iovec iov[WAY_VECTORS];
    return writev(fd, iov, way_cut(data, len, iov, WAY_VECTORS, random));
}

static ssize_t way_pwritev2(int fd, const char *data, size_t len, uint64_t *random)
{
    struct iovec iov[WAY_VECTORS];
    return pwritev2(fd, iov, way_cut(data, len, iov, WAY_VECTORS, random), -1, 0);
}

static ssize_t way_sendmsg(int fd, const char *data, size_t len, uint64_t *random)
{
    struct iovec iov[WAY_VECTORS];
    struct msghdr m = { .msg_iov = iov };
    m.msg_iovlen = (size_t)way_cut(data, len, iov, WAY_VECTORS, random);
    return sendmsg(fd, &m, MSG_NOSIGNAL);
}

/* Some of the messages may be empty: they count as sent. */
static ssize_t way_sendmmsg(int fd, const char *data, size_t len, uint64_t *random)
{
    struct iovec iov[6];
    struct mmsghdr m[6] = { 0 };
    unsigned count = (unsigned)way_cut(data, len, iov, 6, random);
    ssize_t done = 0;
    for (unsigned i = 0; i < count; i++)
        m[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
    int sent = sendmmsg(fd, m, count, MSG_NOSIGNAL);
    for (int i = 0; i < sent; i++) {
        if (m[i].msg_len > iov[i].iov_len || (i + 1 < sent && m[i].msg_len < iov[i].iov_len))
            return (ssize_t)len + 1; /* which no caller takes for right */
        done += m[i].msg_len;
    }
    if (sent > 0 && done == 0) /* empty messages only, before one that failed */
        errno = EAGAIN;
    return done ? done : -1;
}

static way_fn *const ways[] = { way_write,    way_send,        way_writev,
                                way_sendto,   way_pwritev2,    way_sendmsg,
                                way_sendmmsg, way_alias_write, way_alias_send };
static const char *const way_names[] = { "write",   "send",     "writev",  "sendto", "pwritev2",
                                         "sendmsg", "sendmmsg", "__write", "__send" };
#define WAYS (sizeof ways / sizeof *ways)

/* For bodies only. */
static inline ssize_t way_sendfile(int fd, int file, size_t at, size_t len)
{
    off_t offset = (off_t)at;
    ssize_t n = sendfile(fd, file, &offset, len);
    return n > 0 && offset != (off_t)at + n ? (ssize_t)len + 1 : n;
}

/* What the pipe keeps back is read out of it: the caller offers it again. */
static inline ssize_t way_splice(int fd, const char *data, size_t len, const int pipe_ends[2])
{
    char rest[4096];
    len = len < sizeof rest ? len : sizeof rest;
    if (write(pipe_ends[1], data, len) != (ssize_t)len)
        return (ssize_t)len + 1;
    ssize_t n = splice(pipe_ends[0], NULL, fd, NULL, len, SPLICE_F_NONBLOCK);
    int error = errno;
    size_t left = len - (n > 0 ? (size_t)n : 0);
    if (left && read(pipe_ends[0], rest, left) != (ssize_t)left)
        return (ssize_t)len + 1;
    errno = error;
    return n;
}

#endif
