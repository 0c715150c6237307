/* What the hooks do to the table of descriptors. All of it does nothing in a vfork child. */
#ifndef BELLHOP_HOOKS_FDS_H
#define BELLHOP_HOOKS_FDS_H

#include <sys/socket.h>
#include <sys/uio.h>

#include "base/fdtable.h"

/* A call made this descriptor (or failed: negative): whatever was known under the number is over.
 * Returns `fd`. */
int fds_made(int fd);

/* As fds_made, and it is a stream socket on which nothing has happened. */
int fds_made_socket(int fd);

/* A connection was accepted on `listener` as this descriptor (or not: negative). Returns `fd`. */
int fds_accepted(int listener, int fd);

/* The descriptor accepts connections from now on. */
void fds_listening(int fd);

/* A set of descriptors to wait for. Returns `fd`. */
int fds_made_set(int fd);

/* What the process was started with: a connection as its standard input (inetd), and the sockets
 * that a service manager passes (LISTEN_FDS, `passed` of them). Called once, at start. */
void fds_inherited(int passed);

/* The descriptor is about to be closed. */
void fds_closing(int fd);

/* `to` is a duplicate of `from`. Returns `to`. */
int fds_duplicated(int from, int to);

/* The descriptor connects to an address: a new stream. */
void fds_connected(int fd, const struct sockaddr *address, socklen_t len);

/* The entry by which something is sent on the descriptor, which may be an inlet by guess that is
 * now seen to be none. `is_socket`: the call succeeds on sockets only. */
fd_entry fds_turned(int fd, fd_entry entry, bool is_socket);

/* To be asked before something is received, for fds_passed_in. */
unsigned fds_before(fd_entry entry);

/* What is known of what passed by: `n` bytes (more than 0), in vectors, or NULL: unseen. */
void fds_passed_in(fd_entry entry, const struct iovec *iov, size_t count, size_t n,
                   unsigned before);
void fds_passed_out(fd_entry entry, const struct iovec *iov, size_t count, size_t n);

/* A connection is opaque, and nobody wants to hear of it until there are requests. */
void fds_leave(int fd, fd_entry entry);

/* Something will be sent on it that nobody sees. */
void fds_unseen(int fd);

/* Descriptors that came with a message (SCM_RIGHTS). */
void fds_received(const struct msghdr *message);

/* All descriptors of a range are about to be closed. */
void fds_closing_range(unsigned first, unsigned last);

/* Makes room for so many descriptors; see fdtable.h and stream.h. */
void fds_reserve(size_t limit);

#endif
