/* Where descriptors are closed, copied and counted. */
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>

#include "hooks/fds.h"
#include "hooks/hooks.h"
#include "hooks/libc.h"
#include "hooks/out.h"
#include "hooks/popen.h"
#include "hooks/real.h"
#include "hooks/vfork.h"

EXPORT int close(int fd)
{
    fds_closing(fd);
    return REAL(close)(fd);
}

EXPORT int close_range(unsigned first, unsigned last, int flags)
{
    if (!(flags & (int)CLOSE_RANGE_CLOEXEC) && first <= last)
        fds_closing_range(first, last);
    return REAL(close_range)(first, last, flags);
}

EXPORT void closefrom(int first)
{
    fds_closing_range(first < 0 ? 0 : (unsigned)first, ~0u);
    REAL(closefrom)(first);
}

EXPORT int dup(int fd)
{
    return fds_duplicated(fd, REAL(dup)(fd));
}

EXPORT int dup2(int from, int to)
{
    return fds_duplicated(from, REAL(dup2)(from, to));
}

EXPORT int dup3(int from, int to, int flags)
{
    return fds_duplicated(from, REAL(dup3)(from, to, flags));
}

static int after_fcntl(int fd, int command, int result)
{
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
        return fds_duplicated(fd, result);
    return result;
}

EXPORT int fcntl(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    void *argument = va_arg(args, void *);
    va_end(args);
    return after_fcntl(fd, command, REAL(fcntl)(fd, command, argument));
}

EXPORT int fcntl64(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    void *argument = va_arg(args, void *);
    va_end(args);
    return after_fcntl(fd, command, REAL(fcntl64)(fd, command, argument));
}

EXPORT int fclose(FILE *file)
{
    fds_closing(fileno(file));
    return popen_close(file, REAL(fclose));
}

/* What libc's stdio writes does not pass by us: nothing is known of such a stream any more. */
EXPORT FILE *fdopen(int fd, const char *mode)
{
    if (mode[0] != 'r' || strchr(mode, '+'))
        fds_unseen(fd);
    FILE *file = REAL(fdopen)(fd, mode);
    popen_over(file);
    return file;
}

/* A program that raises its limit is about to have more descriptors than there is room for. NULL
 * changes nothing, and is no error; volatile, as libc's headers have it that it never comes. */
static int after_limit(int result, int resource, const void *volatile limit)
{
    const struct rlimit64 *now = limit;
    if (result == 0 && now && resource == RLIMIT_NOFILE && !hooks_vforked)
        fds_reserve(now->rlim_cur);
    return result;
}

_Static_assert(sizeof(struct rlimit) == sizeof(struct rlimit64), "see after_limit");

/* TSan's runtime sets a limit before it can do with functions that it watches. */
#define UNWATCHED __attribute__((no_sanitize("thread")))

EXPORT UNWATCHED int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
    if (!atomic_load_explicit(&process_carries, memory_order_acquire))
        return (int)syscall(SYS_prlimit64, 0, resource, limit, NULL); /* as libc */
    return after_limit(REAL(setrlimit)(resource, limit), (int)resource, limit);
}

EXPORT UNWATCHED int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit)
{
    if (!atomic_load_explicit(&process_carries, memory_order_acquire))
        return (int)syscall(SYS_prlimit64, 0, resource, limit, NULL);
    return after_limit(REAL(setrlimit64)(resource, limit), (int)resource, limit);
}

EXPORT int prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *limit,
                   struct rlimit *old)
{
    int result = REAL(prlimit)(pid, resource, limit, old);
    return after_limit(result, (int)resource, limit);
}

EXPORT int prlimit64(pid_t pid, enum __rlimit_resource resource, const struct rlimit64 *limit,
                     struct rlimit64 *old)
{
    int result = REAL(prlimit64)(pid, resource, limit, old);
    return after_limit(result, (int)resource, limit);
}

EXPORT int __close(int fd) __attribute__((alias("close")));
EXPORT int __dup2(int from, int to) __attribute__((alias("dup2")));
EXPORT int __fcntl(int fd, int command, ...) __attribute__((alias("fcntl")));
