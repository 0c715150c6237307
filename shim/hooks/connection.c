/* Where streams begin. */
#include <errno.h>

#include "hooks/fds.h"
#include "hooks/hooks.h"
#include "hooks/libc.h"
#include "hooks/real.h"

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
    int result = REAL(connect)(fd, address, len);
    if (fdtable_get(fd) == FD_NOTHING)
        return result;
    int saved = errno;
    if (result == 0 || errno == EINPROGRESS || errno == EINTR)
        fds_connected(fd, address, len);
    errno = saved;
    return result;
}

EXPORT int accept(int fd, struct sockaddr *restrict from, socklen_t *restrict len)
{
    return fds_made(REAL(accept)(fd, from, len));
}

EXPORT int accept4(int fd, struct sockaddr *restrict from, socklen_t *restrict len, int flags)
{
    return fds_made(REAL(accept4)(fd, from, len, flags));
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
