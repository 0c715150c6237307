#include "hooks/fds.h"

#include <errno.h>

#include "carrier/stream.h"
#include "hooks/vfork.h"

#define STREAMS_MAX 131072

static void replace(int fd, fd_entry entry)
{
    fd_entry was = fdtable_swap(fd, entry);
    if (was >= FD_FIRST)
        stream_drop(was);
}

int fds_made(int fd)
{
    if (__builtin_expect(fd >= 0 && fdtable_get(fd) != FD_NOTHING, 0) && !hooks_vforked)
        replace(fd, FD_NOTHING);
    return fd;
}

int fds_made_socket(int fd)
{
    if (fd >= 0 && !hooks_vforked && fdtable_slot(fd))
        replace(fd, FD_SOCKET);
    return fd;
}

void fds_closing(int fd)
{
    fds_made(fd);
}

int fds_duplicated(int from, int to)
{
    if (to < 0 || from == to || hooks_vforked)
        return to;
    fd_entry entry = fdtable_get(from);
    if (entry >= FD_FIRST && !stream_share(entry))
        entry = FD_NOTHING;
    if (entry == FD_NOTHING)
        return fds_made(to);
    if (fdtable_slot(to))
        replace(to, entry);
    else if (entry >= FD_FIRST)
        stream_drop(entry);
    return to;
}

void fds_connected(int fd, const struct sockaddr *address, socklen_t len)
{
    if (fdtable_get(fd) == FD_NOTHING || hooks_vforked)
        return;
    fd_entry entry = FD_SOCKET;
    if (address && len >= sizeof(sa_family_t) && address->sa_family != AF_UNSPEC)
        entry = stream_open(address, len, false);
    replace(fd, entry); /* 0, no room: it is not tracked */
}

void fds_received(const struct msghdr *message)
{
    if (!message->msg_control || message->msg_controllen < sizeof(struct cmsghdr))
        return;
    struct msghdr *m = (struct msghdr *)(uintptr_t)message;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            fds_made(fd);
        }
    }
}

void fds_closing_range(unsigned first, unsigned last)
{
    if (hooks_vforked)
        return;
    if (last >= FD_PAGES * FD_PAGE)
        last = FD_PAGES * FD_PAGE - 1;
    for (unsigned fd = first; fd <= last; fd++) {
        if (!fdtable_slot((int)fd))
            fd |= FD_PAGE - 1;
        else
            fds_made((int)fd);
    }
}

void fds_reserve(size_t limit)
{
    size_t wanted = limit < 1024 ? 1024 : limit > STREAMS_MAX ? STREAMS_MAX : limit;
    int saved = errno;
    if (fdtable_reserve(limit) && stream_room() < wanted)
        stream_reserve(wanted - stream_room());
    errno = saved;
}
