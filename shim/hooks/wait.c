/* Every call that waits for several descriptors: the rules are told what they hold, before. */
#include <signal.h>
#include <stdint.h>

#include "carrier/waits.h"
#include "control/attach.h"
#include "hooks/fds.h"
#include "hooks/libc.h"
#include "hooks/out.h"
#include "hooks/real.h"
#include "hooks/vfork.h"

static bool is_told(void)
{
    if (hooks_vforked)
        return false;
    control_renew();
    return process_is_server();
}

static void tell(const struct holding *h)
{
    whose_name one;
    enum wait_holds holds = holding_kind(h, &one);
    whose_waits(process_worker(), holds, one);
}

/* libc's headers have it that poll only writes to `at`. */
static void tell_poll(uintptr_t at, nfds_t count)
{
    const struct pollfd *fds = (const struct pollfd *)at;
    struct holding h = { 0 };
    if (!is_told())
        return;
    if (count > atomic_load_explicit(&fdtable_limit, memory_order_relaxed)) {
        holding_doubt(&h); /* more than may be open, which fails */
        count = 0;
    }
    for (nfds_t i = 0; fds && i < count && !h.many; i++)
        if (fds[i].fd >= 0)
            holding_add(&h, fdtable_get(fds[i].fd));
    tell(&h);
}

static void tell_set(struct holding *h, int count, const fd_set *set)
{
    const int bits = 8 * (int)sizeof(unsigned long);
    const unsigned long *words = (const unsigned long *)(const void *)set;
    for (int base = 0; set && base < count && !h->many; base += bits) {
        unsigned long word = words[base / bits];
        for (; word; word &= word - 1) {
            int fd = base + __builtin_ctzl(word);
            if (fd < count)
                holding_add(h, fdtable_get(fd));
        }
    }
}

/* Sets may be shorter than `count` says: the kernel looks at descriptors that there are. */
static void tell_select(int count, const fd_set *in, const fd_set *out, const fd_set *other)
{
    struct holding h = { 0 };
    if (!is_told())
        return;
    int end = (int)atomic_load_explicit(&fdtable_end, memory_order_relaxed);
    count = count < end ? count : end;
    tell_set(&h, count, in);
    tell_set(&h, count, out);
    tell_set(&h, count, other);
    tell(&h);
}

/* A set that nobody saw made may hold anything. */
static void tell_epoll(int set)
{
    struct holding h = { 0 };
    if (!is_told())
        return;
    fd_entry entry = fdtable_get(set);
    if (entry >= FD_FIRST)
        holding_add(&h, entry);
    else
        holding_doubt(&h);
    tell(&h);
}

EXPORT int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    tell_poll((uintptr_t)fds, count);
    return REAL(poll)(fds, count, timeout);
}

EXPORT int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                 const sigset_t *mask)
{
    tell_poll((uintptr_t)fds, count);
    return REAL(ppoll)(fds, count, timeout, mask);
}

EXPORT int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room)
{
    tell_poll((uintptr_t)fds, count);
    return REAL(__poll_chk)(fds, count, timeout, room);
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                       const sigset_t *mask, size_t room)
{
    tell_poll((uintptr_t)fds, count);
    return REAL(__ppoll_chk)(fds, count, timeout, mask, room);
}

EXPORT int select(int count, fd_set *restrict in, fd_set *restrict out, fd_set *restrict other,
                  struct timeval *restrict timeout)
{
    tell_select(count, in, out, other);
    return REAL(select)(count, in, out, other, timeout);
}

EXPORT int pselect(int count, fd_set *restrict in, fd_set *restrict out, fd_set *restrict other,
                   const struct timespec *restrict timeout, const sigset_t *restrict mask)
{
    tell_select(count, in, out, other);
    return REAL(pselect)(count, in, out, other, timeout, mask);
}

EXPORT int epoll_wait(int set, struct epoll_event *events, int max, int timeout)
{
    tell_epoll(set);
    return REAL(epoll_wait)(set, events, max, timeout);
}

EXPORT int epoll_pwait(int set, struct epoll_event *events, int max, int timeout,
                       const sigset_t *mask)
{
    tell_epoll(set);
    return REAL(epoll_pwait)(set, events, max, timeout, mask);
}

EXPORT int epoll_pwait2(int set, struct epoll_event *events, int max,
                        const struct timespec *timeout, const sigset_t *mask)
{
    tell_epoll(set);
    return REAL(epoll_pwait2)(set, events, max, timeout, mask);
}

EXPORT int epoll_ctl(int set, int what, int fd, struct epoll_event *event)
{
    if (what != EPOLL_CTL_ADD && what != EPOLL_CTL_DEL)
        return REAL(epoll_ctl)(set, what, fd, event);
    fd_entry of = fdtable_get(set), entry = fdtable_get(fd);
    if (of < FD_FIRST || fd_kind(of) != FD_WAITS || hooks_vforked)
        return REAL(epoll_ctl)(set, what, fd, event);
    int result = REAL(epoll_ctl)(set, what, fd, event);
    if (result == 0 && what == EPOLL_CTL_DEL)
        waits_remove(fd_name(of), entry);
    if (result != 0 || what != EPOLL_CTL_ADD)
        return result;
    waits_add(fd_name(of), entry);
    if (entry >= FD_FIRST && fd_kind(entry) == FD_INLET && is_told())
        whose_registers(process_worker(), fd_name(entry));
    return result;
}

EXPORT int __poll(struct pollfd *fds, nfds_t count, int timeout) __attribute__((alias("poll")));
EXPORT int __select(int count, fd_set *in, fd_set *out, fd_set *other, struct timeval *timeout)
    __attribute__((alias("select")));
