/* To be preloaded after the shim: a kernel that has 1,048,576 descriptors, where this one allows a
 * few thousands only. Numbers from FROM on are the real ones, so much higher. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST 1048576
#define FROM (MOST - 4096)

static rlim_t allowed(void)
{
    struct rlimit64 limit;
    syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
    return limit.rlim_cur;
}

/* What the kernel knows, and what the program does. */
static unsigned down(unsigned fd)
{
    if (fd >= MOST)
        return fd == UINT_MAX ? fd : INT_MAX;
    return fd >= FROM ? fd - MOST + (unsigned)allowed() : fd;
}

static int up(long fd)
{
    unsigned first = FROM - MOST + (unsigned)allowed();
    return fd >= (long)first ? (int)(fd - (long)allowed() + MOST) : (int)fd;
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
    (void)limit;
    if (resource == RLIMIT_NOFILE)
        return 0;
    errno = EPERM;
    return -1;
}

int dup2(int from, int to)
{
    return up(syscall(SYS_dup2, down((unsigned)from), down((unsigned)to)));
}

int dup3(int from, int to, int flags)
{
    return up(syscall(SYS_dup3, down((unsigned)from), down((unsigned)to), flags));
}

int fcntl(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    long argument = va_arg(args, long);
    va_end(args);
    if (command != F_DUPFD && command != F_DUPFD_CLOEXEC)
        return (int)syscall(SYS_fcntl, down((unsigned)fd), command, argument);
    return up(syscall(SYS_fcntl, down((unsigned)fd), command, down((unsigned)argument)));
}

int fcntl64(int fd, int command, ...) __attribute__((alias("fcntl")));

int close(int fd)
{
    return (int)syscall(SYS_close, down((unsigned)fd));
}

int close_range(unsigned first, unsigned last, int flags)
{
    return (int)syscall(SYS_close_range, down(first), down(last), flags);
}

void closefrom(int first)
{
    close_range((unsigned)first, UINT_MAX, 0);
}

ssize_t write(int fd, const void *data, size_t len)
{
    return syscall(SYS_write, down((unsigned)fd), data, len);
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
    return syscall(SYS_writev, down((unsigned)fd), iov, count);
}

/* libc's headers have it that poll only writes to `fds`. */
int poll(struct pollfd *volatile fds, nfds_t count, int timeout)
{
    struct pollfd *all = fds;
    for (nfds_t i = 0; i < count; i++)
        all[i].fd = (int)down((unsigned)all[i].fd);
    int n = (int)syscall(SYS_poll, all, count, timeout);
    for (nfds_t i = 0; i < count; i++)
        all[i].fd = up(all[i].fd);
    return n;
}
