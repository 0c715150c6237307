/* Every other call that makes a descriptor: whatever was known under its number is over. A close
 * that we did not see (a raw system call, one inside of libc) thus ends in pass-through. */
#include <stdarg.h>

#include "hooks/fds.h"
#include "hooks/libc.h"
#include "hooks/popen.h"
#include "hooks/real.h"

/* open's third argument is there only with these flags, but reading it is harmless. */
static mode_t mode_of(va_list args)
{
    return va_arg(args, mode_t);
}

EXPORT int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = mode_of(args);
    va_end(args);
    return fds_made(REAL(open)(path, flags, mode));
}

EXPORT int open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = mode_of(args);
    va_end(args);
    return fds_made(REAL(open64)(path, flags, mode));
}

EXPORT int openat(int dir, const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = mode_of(args);
    va_end(args);
    return fds_made(REAL(openat)(dir, path, flags, mode));
}

EXPORT int openat64(int dir, const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = mode_of(args);
    va_end(args);
    return fds_made(REAL(openat64)(dir, path, flags, mode));
}

EXPORT int creat(const char *path, mode_t mode)
{
    return fds_made(REAL(creat)(path, mode));
}

EXPORT int creat64(const char *path, mode_t mode)
{
    return fds_made(REAL(creat64)(path, mode));
}

EXPORT int __open_2(const char *path, int flags)
{
    return fds_made(REAL(__open_2)(path, flags));
}

EXPORT int __open64_2(const char *path, int flags)
{
    return fds_made(REAL(__open64_2)(path, flags));
}

EXPORT int __openat_2(int dir, const char *path, int flags)
{
    return fds_made(REAL(__openat_2)(dir, path, flags));
}

EXPORT int __openat64_2(int dir, const char *path, int flags)
{
    return fds_made(REAL(__openat64_2)(dir, path, flags));
}

static int made_two(int result, const int fds[2])
{
    if (result == 0) {
        fds_made(fds[0]);
        fds_made(fds[1]);
    }
    return result;
}

EXPORT int pipe(int fds[2])
{
    return made_two(REAL(pipe)(fds), fds);
}

EXPORT int pipe2(int fds[2], int flags)
{
    return made_two(REAL(pipe2)(fds, flags), fds);
}

EXPORT int eventfd(unsigned count, int flags)
{
    return fds_made(REAL(eventfd)(count, flags));
}

EXPORT int epoll_create(int size)
{
    return fds_made_set(REAL(epoll_create)(size));
}

EXPORT int epoll_create1(int flags)
{
    return fds_made_set(REAL(epoll_create1)(flags));
}

EXPORT int timerfd_create(__clockid_t clock, int flags)
{
    return fds_made(REAL(timerfd_create)(clock, flags));
}

EXPORT int signalfd(int fd, const sigset_t *mask, int flags)
{
    int made = REAL(signalfd)(fd, mask, flags);
    return fd < 0 ? fds_made(made) : made;
}

EXPORT int memfd_create(const char *name, unsigned flags)
{
    return fds_made(REAL(memfd_create)(name, flags));
}

EXPORT int inotify_init(void)
{
    return fds_made(REAL(inotify_init)());
}

EXPORT int inotify_init1(int flags)
{
    return fds_made(REAL(inotify_init1)(flags));
}

EXPORT int pidfd_open(pid_t pid, unsigned flags)
{
    return fds_made(REAL(pidfd_open)(pid, flags));
}

static FILE *made_file(FILE *file)
{
    if (file) {
        popen_over(file);
        fds_made(fileno(file));
    }
    return file;
}

EXPORT FILE *fopen(const char *restrict path, const char *restrict mode)
{
    return made_file(REAL(fopen)(path, mode));
}

EXPORT FILE *fopen64(const char *restrict path, const char *restrict mode)
{
    return made_file(REAL(fopen64)(path, mode));
}

static FILE *made_again(FILE *result, FILE *file)
{
    popen_reopened(file);
    return made_file(result);
}

/* The number of the old file may come back as the new one's. */
EXPORT FILE *freopen(const char *restrict path, const char *restrict mode, FILE *restrict file)
{
    fds_closing(fileno(file));
    return made_again(REAL(freopen)(path, mode, file), file);
}

EXPORT FILE *freopen64(const char *restrict path, const char *restrict mode, FILE *restrict file)
{
    fds_closing(fileno(file));
    return made_again(REAL(freopen64)(path, mode, file), file);
}

EXPORT FILE *tmpfile(void)
{
    return made_file(REAL(tmpfile)());
}

EXPORT FILE *tmpfile64(void)
{
    return made_file(REAL(tmpfile64)());
}

EXPORT int mkstemp(char *name)
{
    return fds_made(REAL(mkstemp)(name));
}

EXPORT int mkstemp64(char *name)
{
    return fds_made(REAL(mkstemp64)(name));
}

EXPORT int mkostemp(char *name, int flags)
{
    return fds_made(REAL(mkostemp)(name, flags));
}

EXPORT int mkostemp64(char *name, int flags)
{
    return fds_made(REAL(mkostemp64)(name, flags));
}

EXPORT int mkstemps(char *name, int suffix)
{
    return fds_made(REAL(mkstemps)(name, suffix));
}

EXPORT int mkstemps64(char *name, int suffix)
{
    return fds_made(REAL(mkstemps64)(name, suffix));
}

EXPORT int mkostemps(char *name, int suffix, int flags)
{
    return fds_made(REAL(mkostemps)(name, suffix, flags));
}

EXPORT int mkostemps64(char *name, int suffix, int flags)
{
    return fds_made(REAL(mkostemps64)(name, suffix, flags));
}

EXPORT int shm_open(const char *name, int flags, mode_t mode)
{
    return fds_made(REAL(shm_open)(name, flags, mode));
}

EXPORT int openpty(int *near, int *far, char *name, const struct termios *terminal,
                   const struct winsize *window)
{
    int result = REAL(openpty)(near, far, name, terminal, window);
    if (result == 0) {
        fds_made(*near);
        fds_made(*far);
    }
    return result;
}

EXPORT int posix_openpt(int flags)
{
    return fds_made(REAL(posix_openpt)(flags));
}

EXPORT int open_by_handle_at(int mount, struct file_handle *handle, int flags)
{
    return fds_made(REAL(open_by_handle_at)(mount, handle, flags));
}

EXPORT int pidfd_getfd(int pidfd, int fd, unsigned flags)
{
    return fds_made(REAL(pidfd_getfd)(pidfd, fd, flags));
}

EXPORT int __open(const char *path, int flags, ...) __attribute__((alias("open")));
EXPORT int __open64(const char *path, int flags, ...) __attribute__((alias("open64")));
EXPORT int __pipe(int fds[2]) __attribute__((alias("pipe")));
