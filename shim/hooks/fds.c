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

/* Copies of a socket share a stream, which must be there before it is connected. */
static fd_entry entry_to_share(int fd)
{
    fd_entry entry = fdtable_get(fd);
    if (entry != FD_SOCKET)
        return entry;
    uint64_t name = stream_open(NULL, 0, false);
    if (atomic_compare_exchange_strong(fdtable_slot(fd), &entry, name))
        return name;
    stream_drop(name);
    return entry;
}

int fds_duplicated(int from, int to)
{
    if (to < 0 || from == to || hooks_vforked)
        return to;
    fd_entry entry = entry_to_share(from);
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
    fd_entry was = fdtable_get(fd), entry = FD_SOCKET;
    if (was == FD_NOTHING || hooks_vforked)
        return;
    if (address && len >= sizeof(sa_family_t) && address->sa_family != AF_UNSPEC) {
        if (was >= FD_FIRST && stream_connected(was, address, len))
            return;
        entry = stream_open(address, len, false);
    }
    if (was >= FD_FIRST)
        stream_give_up(was); /* it may have copies */
    replace(fd, entry);      /* 0, no room: it is not tracked */
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
