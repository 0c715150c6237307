/* Where streams begin. */
#include <errno.h>

#include "carrier/inlet.h"
#include "control/attach.h"
#include "hooks/fds.h"
#include "hooks/hooks.h"
#include "hooks/libc.h"
#include "hooks/out.h"
#include "hooks/real.h"
#include "hooks/vfork.h"

#define TYPE_BITS 0xf /* the rest are SOCK_CLOEXEC and SOCK_NONBLOCK */

static bool may_carry_http(int domain, int type)
{
    return (type & TYPE_BITS) == SOCK_STREAM &&
           (domain == AF_INET || domain == AF_INET6 || domain == AF_UNIX);
}

EXPORT int socket(int domain, int type, int protocol)
{
    int fd = REAL(socket)(domain, type, protocol);
    if (hooks_ready() && may_carry_http(domain, type))
        return fds_made_socket(fd);
    return fds_made(fd);
}

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    if (!hooks_vforked)
        control_renew();
    int result = REAL(connect)(fd, address, len);
    if (fdtable_get(fd) == FD_NOTHING)
        return result;
    int saved = errno;
    if (result == 0 || errno == EINPROGRESS || errno == EINTR)
        fds_connected(fd, address, len);
    errno = saved;
    return result;
}

EXPORT int listen(int fd, int backlog)
{
    int result = REAL(listen)(fd, backlog);
    if (result == 0)
        fds_listening(fd);
    return result;
}

EXPORT int shutdown(int fd, int how)
{
    fd_entry entry = out_stream(fd);
    int result = REAL(shutdown)(fd, how);
    if (result == 0 && entry && fd_kind(entry) == FD_INLET && how != SHUT_RD && !hooks_vforked)
        inlet_ended(fd_name(entry));
    return result;
}

/* A wait, for the rules. */
static void before_accept(void)
{
    if (hooks_vforked)
        return;
    control_renew();
    if (process_is_server())
        whose_accepts(process_worker());
}

static int after_accept(int listener, int fd)
{
    int saved = errno;
    if (fd < 0 && errno == EAGAIN && process_is_server() && !hooks_vforked)
        whose_idles(process_worker(), WHOSE_NOBODY);
    fds_accepted(listener, fd);
    errno = saved;
    return fd;
}

EXPORT int accept(int fd, struct sockaddr *restrict from, socklen_t *restrict len)
{
    before_accept();
    return after_accept(fd, REAL(accept)(fd, from, len));
}

EXPORT int accept4(int fd, struct sockaddr *restrict from, socklen_t *restrict len, int flags)
{
    before_accept();
    return after_accept(fd, REAL(accept4)(fd, from, len, flags));
}

EXPORT int socketpair(int domain, int type, int protocol, int fds[2])
{
    int result = REAL(socketpair)(domain, type, protocol, fds);
    if (result == 0) {
        fds_made(fds[0]);
        fds_made(fds[1]);
    }
    return result;
}

EXPORT int __connect(int fd, const struct sockaddr *address, socklen_t len)
    __attribute__((alias("connect")));
