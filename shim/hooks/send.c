/* Everything that sends on a descriptor. Each hook: not a stream of ours? Then the real call. */
#include <errno.h>
#include <limits.h>

#include "hooks/fds.h"
#include "hooks/libc.h"
#include "hooks/out.h"
#include "hooks/real.h"
#include "hooks/vfork.h"

/* Bytes that cannot be put together with others, or are seen by the kernel after we return. */
#define FLAGS_APART (MSG_OOB | MSG_ZEROCOPY)

static ssize_t emit_write(struct out *o, const struct iovec *iov, size_t count)
{
    (void)count;
    return REAL(write)(o->fd, iov[0].iov_base, iov[0].iov_len);
}

static ssize_t emit_writev(struct out *o, const struct iovec *iov, size_t count)
{
    return REAL(writev)(o->fd, iov, (int)count);
}

static ssize_t emit_pwritev2(struct out *o, const struct iovec *iov, size_t count)
{
    return REAL(pwritev2)(o->fd, iov, (int)count, -1, o->flags);
}

static ssize_t emit_send(struct out *o, const struct iovec *iov, size_t count)
{
    (void)count;
    return REAL(send)(o->fd, iov[0].iov_base, iov[0].iov_len, o->flags);
}

/* The address and TCP Fast Open are for the first bytes only. */
static ssize_t emit_sendto(struct out *o, const struct iovec *iov, size_t count)
{
    (void)count;
    ssize_t n = REAL(sendto)(o->fd, iov[0].iov_base, iov[0].iov_len, o->flags, o->to, o->to_len);
    if (n > 0) {
        o->flags &= ~MSG_FASTOPEN;
        o->to = NULL;
        o->to_len = 0;
    }
    return n;
}

static ssize_t emit_sendmsg(struct out *o, const struct iovec *iov, size_t count)
{
    struct msghdr m = { .msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = count };
    if (o->head) {
        m.msg_name = o->head->msg_name;
        m.msg_namelen = o->head->msg_namelen;
        m.msg_control = o->head->msg_control;
        m.msg_controllen = o->head->msg_controllen;
        m.msg_flags = o->head->msg_flags;
    }
    ssize_t n = REAL(sendmsg)(o->fd, &m, o->flags);
    if (n > 0) {
        o->flags &= ~MSG_FASTOPEN;
        o->head = NULL;
    }
    return n;
}

/* sendmsg for one message of sendmmsg: the same system call, with one message. */
static ssize_t emit_sendmmsg(struct out *o, const struct iovec *iov, size_t count)
{
    struct mmsghdr m = { .msg_hdr = { .msg_iov = (struct iovec *)(uintptr_t)iov,
                                      .msg_iovlen = count } };
    if (o->head) {
        m.msg_hdr.msg_name = o->head->msg_name;
        m.msg_hdr.msg_namelen = o->head->msg_namelen;
        m.msg_hdr.msg_control = o->head->msg_control;
        m.msg_hdr.msg_controllen = o->head->msg_controllen;
    }
    if (REAL(sendmmsg)(o->fd, &m, 1, o->flags) != 1)
        return -1;
    o->head = NULL;
    return (ssize_t)m.msg_len;
}

/* A socket that connects by its first bytes (TCP Fast Open) becomes a stream. */
static fd_entry stream_for(int fd, int flags, const void *to, socklen_t to_len)
{
    fd_entry entry = fdtable_get(fd);
    if (entry == FD_SOCKET && (flags & MSG_FASTOPEN) && to && !hooks_vforked) {
        uint64_t name = stream_open(to, to_len, CARRIER_SOCKET);
        if (name && fdtable_swap(fd, name) == name)
            stream_drop(name);
    }
    entry = out_stream(fd);
    if (!entry || !(flags & FLAGS_APART))
        return entry;
    fds_unseen(fd);
    return FD_NOTHING;
}

EXPORT ssize_t write(int fd, const void *data, size_t len)
{
    fd_entry entry = out_stream(fd);
    if (!entry)
        return REAL(write)(fd, data, len);
    struct out o = { .fd = fd, .emit = emit_write, .one_piece = true };
    const struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = len };
    return out_send(&o, entry, &iov, 1);
}

EXPORT ssize_t writev(int fd, const struct iovec *iov, int count)
{
    fd_entry entry = out_stream(fd);
    if (!entry || count <= 0 || count > IOV_MAX)
        return REAL(writev)(fd, iov, count);
    struct out o = { .fd = fd, .emit = emit_writev };
    return out_send(&o, entry, iov, (size_t)count);
}

/* At offset -1 it is writev with flags; at any other it fails on a socket. */
EXPORT ssize_t pwritev2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
    fd_entry entry = out_stream(fd);
    if (!entry || offset != -1 || count <= 0 || count > IOV_MAX)
        return REAL(pwritev2)(fd, iov, count, offset, flags);
    struct out o = { .fd = fd, .emit = emit_pwritev2, .flags = flags };
    return out_send(&o, entry, iov, (size_t)count);
}

EXPORT ssize_t send(int fd, const void *data, size_t len, int flags)
{
    fd_entry entry = out_stream(fd);
    if (!entry || !(entry = stream_for(fd, flags, NULL, 0)))
        return REAL(send)(fd, data, len, flags);
    struct out o = {
        .fd = fd, .emit = emit_send, .one_piece = true, .is_socket = true, .flags = flags
    };
    const struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = len };
    return out_send(&o, entry, &iov, 1);
}

EXPORT ssize_t sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
                      socklen_t to_len)
{
    fd_entry entry = stream_for(fd, flags, to, to_len);
    if (!entry)
        return REAL(sendto)(fd, data, len, flags, to, to_len);
    struct out o = {
        .fd = fd,
        .emit = emit_sendto,
        .one_piece = true,
        .is_socket = true,
        .flags = flags,
        .to = to,
        .to_len = to_len,
    };
    const struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = len };
    return out_send(&o, entry, &iov, 1);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    fd_entry entry = fdtable_get(fd);
    if (entry && message)
        entry = stream_for(fd, flags, message->msg_name, message->msg_namelen);
    if (!entry || !message || message->msg_iovlen > IOV_MAX)
        return REAL(sendmsg)(fd, message, flags);
    struct out o = {
        .fd = fd, .emit = emit_sendmsg, .is_socket = true, .flags = flags, .head = message
    };
    return out_send(&o, entry, message->msg_iov, message->msg_iovlen);
}

/* One message after the other, each as a call of its own, until one fails or goes in part. What
 * stops the later ones is no error of this call. */
static int send_each(int fd, fd_entry entry, struct mmsghdr *messages, unsigned count, int flags)
{
    int saved = errno;
    unsigned i = 0;
    for (; i < count && i < IOV_MAX; i++) { /* as the kernel: UIO_MAXIOV messages at most */
        const struct msghdr *m = &messages[i].msg_hdr;
        const struct source all = { .iov = m->msg_iov, .count = m->msg_iovlen };
        struct out o = {
            .fd = fd, .emit = emit_sendmmsg, .is_socket = true, .flags = flags, .head = m
        };
        ssize_t n = out_send(&o, entry, m->msg_iov, m->msg_iovlen);
        if (n < 0 && i == 0)
            return -1;
        if (n < 0)
            break;
        messages[i].msg_len = (unsigned)n;
        if ((size_t)n < source_len(&all)) {
            i++;
            break;
        }
    }
    errno = saved;
    return (int)i;
}

EXPORT int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    fd_entry entry = out_stream(fd);
    if (!entry || hooks_vforked || !(entry = stream_for(fd, flags, NULL, 0)))
        return REAL(sendmmsg)(fd, messages, count, flags);
    return send_each(fd, entry, messages, count, flags);
}

/* What leaves without passing by us is counted. */
static ssize_t count_out(int fd, ssize_t n)
{
    fd_entry entry = n > 0 ? out_stream(fd) : FD_NOTHING;
    int saved = errno;
    if (entry && !hooks_vforked)
        fds_passed_out(entry, NULL, 0, (size_t)n);
    errno = saved;
    return n;
}

EXPORT ssize_t sendfile(int out, int in, off_t *offset, size_t count)
{
    return count_out(out, REAL(sendfile)(out, in, offset, count));
}

EXPORT ssize_t sendfile64(int out, int in, off64_t *offset, size_t count)
{
    return count_out(out, REAL(sendfile64)(out, in, offset, count));
}

EXPORT ssize_t splice(int in, off64_t *in_offset, int out, off64_t *out_offset, size_t len,
                      unsigned flags)
{
    fd_entry from = out_stream(in);
    unsigned before = from ? fds_before(from) : 0;
    ssize_t n = count_out(out, REAL(splice)(in, in_offset, out, out_offset, len, flags));
    if (from && n > 0 && !hooks_vforked)
        fds_passed_in(from, NULL, 0, (size_t)n, before);
    return n;
}

/* What libc prints does not pass by us. */
EXPORT int vdprintf(int fd, const char *restrict format, va_list args)
{
    fds_unseen(fd);
    return REAL(vdprintf)(fd, format, args);
}

EXPORT int dprintf(int fd, const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int result = vdprintf(fd, format, args);
    va_end(args);
    return result;
}

EXPORT int __vdprintf_chk(int fd, int flag, const char *format, va_list args)
{
    fds_unseen(fd);
    return REAL(__vdprintf_chk)(fd, flag, format, args);
}

EXPORT int __dprintf_chk(int fd, int flag, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int result = __vdprintf_chk(fd, flag, format, args);
    va_end(args);
    return result;
}

EXPORT ssize_t __write(int fd, const void *data, size_t len) __attribute__((alias("write")));
EXPORT ssize_t __send(int fd, const void *data, size_t len, int flags)
    __attribute__((alias("send")));
EXPORT ssize_t pwritev64v2(int fd, const struct iovec *iov, int count, off64_t offset, int flags)
    __attribute__((alias("pwritev2")));
