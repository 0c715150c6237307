#include "hooks/fds.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/blocks.h"
#include "base/hot.h"
#include "carrier/inlet.h"
#include "carrier/stream.h"
#include "carrier/waits.h"
#include "context/request.h"
#include "policy/inbound.h"
#include "hooks/hooks.h"
#include "hooks/vfork.h"

/* Connections: at first, and when more are expected. */
#define STREAMS_STATIC 1024
#define STREAMS_MIN    2048
#define STREAMS_MAX    131072

static void drop(fd_entry entry)
{
    if (entry < FD_FIRST)
        return;
    switch (fd_kind(entry)) {
    case FD_OUTLET:
        stream_drop(entry);
        break;
    case FD_INLET:
        inlet_drop(fd_name(entry));
        break;
    case FD_WAITS:
        waits_drop(fd_name(entry));
        break;
    }
}

static bool share(fd_entry entry)
{
    switch (fd_kind(entry)) {
    case FD_OUTLET:
        return entry < FD_FIRST || stream_share(entry);
    case FD_INLET:
        return inlet_share(fd_name(entry));
    default:
        return waits_share(fd_name(entry));
    }
}

static void replace(int fd, fd_entry entry)
{
    drop(fdtable_swap(fd, entry));
}

/* Puts an entry of ours, of which a name is given here, if the table has a place. */
static int put(int fd, fd_entry entry)
{
    if (fd >= 0 && fdtable_slot(fd))
        replace(fd, entry);
    else
        drop(entry);
    return fd;
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

int fds_made_set(int fd)
{
    if (fd < 0 || hooks_vforked || !hooks_ready())
        return fds_made(fd);
    return put(fd, fd_entry_of(FD_WAITS, waits_open()));
}

/* From now on the rules want to hear of what goes over it. */
static void take_up(int fd)
{
    uint64_t name = stream_open_opaque();
    if (!fdtable_change(fd, FD_LEFT, name))
        stream_drop(name);
}

/* Either who leaves a connection sees that requests may come, or who serves sees that it was left.
 */
void fds_leave(int fd, fd_entry entry)
{
    if (!fdtable_change(fd, entry, FD_LEFT))
        return;
    stream_drop(entry);
    if (atomic_load(&process_serves))
        take_up(fd);
}

static void serve(void)
{
    if (process_is_server() || atomic_exchange(&process_serves, true))
        return;
    unsigned end = atomic_load(&fdtable_end);
    for (unsigned fd = 0; fd < end; fd++)
        if (atomic_load(&fdtable[fd]) == FD_LEFT)
            take_up((int)fd);
}

static void listens(int fd)
{
    if (!fdtable_slot(fd))
        return;
    if (fdtable_get(fd) == FD_NOTHING && process_is_server())
        waits_found_listener();
    replace(fd, FD_LISTENER);
    serve();
}

static HOT atomic_size_t expected; /* descriptors */

/* Room for the connections that are expected; for inbound ones only in a server. In steps, since a
 * pool grows three times, and by one thread at a time. */
static void make_room(void)
{
    static HOT atomic_bool reserving;
    size_t limit = atomic_load(&expected), wanted = STREAMS_MIN;
    if (limit <= STREAMS_STATIC || atomic_exchange(&reserving, true))
        return;
    while (wanted < limit && wanted < STREAMS_MAX)
        wanted *= 8;
    stream_reserve(wanted);
    if (process_is_server()) {
        inlet_reserve(2 * wanted); /* a TLS session is another one */
        request_reserve(wanted);
        blocks_reserve(wanted);
    }
    atomic_store(&reserving, false);
}

/* What requests will take has its memory from here on: accept is called in sandboxes. */
void fds_listening(int fd)
{
    if (hooks_vforked || !hooks_ready())
        return;
    int saved = errno;
    listens(fd);
    blocks_reserve(STREAMS_MIN);
    make_room();
    errno = saved;
}

/* Two system calls more, for settings that ask where requests come from. */
static void meet(int fd, uint64_t name)
{
    struct sockaddr_storage address;
    struct peer peer, local;
    socklen_t len = sizeof address;
    struct sockaddr *at = (struct sockaddr *)&address;
    if (syscall(SYS_getpeername, fd, at, &len) != 0)
        return;
    peer_from(&peer, at, len);
    len = sizeof address;
    if (syscall(SYS_getsockname, fd, at, &len) != 0)
        return;
    peer_from(&local, at, len);
    inlet_met(name, &peer, local.port);
}

int fds_accepted(int listener, int fd)
{
    if (fd < 0 || hooks_vforked || !hooks_ready())
        return fds_made(fd);
    if (fdtable_get(listener) != FD_LISTENER) {
        serve();
        waits_found_listener();
        listens(listener);
    }
    uint64_t name = inlet_open(0);
    if (name && process_wants_peer())
        meet(fd, name);
    return put(fd, fd_entry_of(FD_INLET, name ? name : INLET_UNKNOWN));
}

/* What it is was not seen. `is_socket`: that it is one is sure. */
static void put_guess(int fd, bool is_socket)
{
    uint64_t name = inlet_open(0);
    if (!name)
        return;
    inlet_guess(name, is_socket);
    serve();
    put(fd, fd_entry_of(FD_INLET, name));
}

static void inherit_passed(int fd)
{
    int listens = 0;
    socklen_t len = sizeof listens;
    if (syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) != 0)
        return;
    if (listens)
        fds_listening(fd);
    else
        put_guess(fd, true);
}

/* Of standard output and error, only copies of a connection are looked at: they often are sockets
 * of a log. */
static void inherit_standard(void)
{
    struct stat in, other;
    if (syscall(SYS_fstat, 0, &in) != 0 || !S_ISSOCK(in.st_mode))
        return;
    put_guess(0, true);
    for (int fd = 1; fd <= 2; fd++)
        if (syscall(SYS_fstat, fd, &other) == 0 && other.st_ino == in.st_ino &&
            other.st_dev == in.st_dev)
            fds_duplicated(0, fd);
}

void fds_inherited(int passed)
{
    int saved = errno;
    inherit_standard();
    for (int fd = 3; fd < 3 + passed; fd++)
        inherit_passed(fd);
    errno = saved;
}

fd_entry fds_turned(int fd, fd_entry entry, bool is_socket)
{
    if (hooks_vforked || fd_kind(entry) != FD_INLET || !inlet_turns(fd_name(entry), is_socket))
        return entry;
    fd_entry made = stream_open(NULL, 0, CARRIER_SOCKET);
    if (!made)
        return entry;
    put(fd, made);
    return made;
}

unsigned fds_before(fd_entry entry)
{
    return entry >= FD_FIRST && fd_kind(entry) == FD_OUTLET && !hooks_vforked ? stream_writes(entry)
                                                                              : 0;
}

void fds_passed_in(fd_entry entry, const struct iovec *iov, size_t count, size_t n, unsigned before)
{
    if (fd_kind(entry) == FD_OUTLET)
        stream_received(entry, iov, count, n, before);
    else if (fd_kind(entry) == FD_INLET)
        inlet_received(fd_name(entry), iov, count, n);
}

void fds_passed_out(fd_entry entry, const struct iovec *iov, size_t count, size_t n)
{
    if (fd_kind(entry) == FD_INLET)
        inlet_sent(fd_name(entry), iov, count, n);
    else if (fd_kind(entry) == FD_OUTLET)
        stream_skipped(entry, n);
}

void fds_unseen(int fd)
{
    fd_entry entry = fdtable_get(fd);
    if (entry < FD_FIRST || hooks_vforked)
        return;
    if (fd_kind(entry) == FD_OUTLET)
        stream_give_up(entry);
    else if (fd_kind(entry) == FD_INLET)
        inlet_unheard(fd_name(entry));
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
    uint64_t name = stream_open(NULL, 0, CARRIER_SOCKET);
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
    if (entry == FD_NOTHING || !share(entry))
        return fds_made(to);
    return put(to, entry);
}

void fds_connected(int fd, const struct sockaddr *address, socklen_t len)
{
    fd_entry was = fdtable_get(fd), entry = FD_SOCKET;
    if (was == FD_NOTHING || was == FD_LEFT || hooks_vforked || fd_kind(was) != FD_OUTLET)
        return;
    if (address && len >= sizeof(sa_family_t) && address->sa_family != AF_UNSPEC) {
        if (was >= FD_FIRST && stream_connected(was, address, len))
            return;
        entry = stream_open(address, len, CARRIER_SOCKET);
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
            if (hooks_ready() && !hooks_vforked)
                put_guess(fd, false);
        }
    }
}

void fds_closing_range(unsigned first, unsigned last)
{
    if (hooks_vforked)
        return;
    unsigned end = atomic_load_explicit(&fdtable_end, memory_order_relaxed);
    for (unsigned fd = first; fd <= last && fd < end; fd++)
        fds_made((int)fd);
}

void fds_reserve(size_t limit)
{
    int saved = errno;
    fdtable_expect(limit);
    if (limit > atomic_load(&expected))
        atomic_store(&expected, limit);
    make_room();
    errno = saved;
}
