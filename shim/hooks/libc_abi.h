/* Prototypes of what libc exports and its headers do not declare, or declare only for its own use.
 */
#ifndef BELLHOP_HOOKS_LIBC_ABI_H
#define BELLHOP_HOOKS_LIBC_ABI_H

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t __write(int fd, const void *data, size_t len);
ssize_t __send(int fd, const void *data, size_t len, int flags);
ssize_t __read(int fd, void *data, size_t len);
int __connect(int fd, const struct sockaddr *address, socklen_t len);
int __close(int fd);
int __dup2(int from, int to) __THROW;
int __fcntl(int fd, int command, ...);
int __open(const char *path, int flags, ...) __nonnull((1));
int __open64(const char *path, int flags, ...) __nonnull((1));
int __pipe(int fds[2]) __THROW;
pid_t __vfork(void);

int __poll(struct pollfd *fds, nfds_t count, int timeout);
int __select(int count, fd_set *in, fd_set *out, fd_set *other, struct timeval *timeout);
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room);
int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                const sigset_t *mask, size_t room);

/* What _FORTIFY_SOURCE makes of read, recv, recvfrom, open and openat. */
ssize_t __read_chk(int fd, void *data, size_t len, size_t room);
ssize_t __recv_chk(int fd, void *data, size_t len, size_t room, int flags);
ssize_t __recvfrom_chk(int fd, void *data, size_t len, size_t room, int flags,
                       struct sockaddr *from, socklen_t *from_len);
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dir, const char *path, int flags);
int __openat64_2(int dir, const char *path, int flags);

int __dprintf_chk(int fd, int flag, const char *format, ...);
int __vdprintf_chk(int fd, int flag, const char *format, va_list args);

void _pthread_cleanup_push(struct _pthread_cleanup_buffer *buffer, void (*run)(void *), void *arg);
void _pthread_cleanup_pop(struct _pthread_cleanup_buffer *buffer, int execute);
int execveat(int dir, const char *path, char *const argv[], char *const env[], int flags);
int pidfd_open(pid_t pid, unsigned flags);
int pidfd_getfd(int pidfd, int fd, unsigned flags);

#endif
