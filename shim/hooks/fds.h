/* What the hooks do to the table of descriptors. All of it does nothing in a vfork child. */
#ifndef BELLHOP_HOOKS_FDS_H
#define BELLHOP_HOOKS_FDS_H

#include <sys/socket.h>

#include "base/fdtable.h"

/* A call made this descriptor (or failed: negative): whatever was known under the number is over.
 * Returns `fd`. */
int fds_made(int fd);

/* As fds_made, and it is a stream socket on which nothing has happened. */
int fds_made_socket(int fd);

/* The descriptor is about to be closed. */
void fds_closing(int fd);

/* `to` is a duplicate of `from`. Returns `to`. */
int fds_duplicated(int from, int to);

/* The descriptor connects to an address: a new stream. */
void fds_connected(int fd, const struct sockaddr *address, socklen_t len);

/* Descriptors that came with a message (SCM_RIGHTS). */
void fds_received(const struct msghdr *message);

/* All descriptors of a range are about to be closed. */
void fds_closing_range(unsigned first, unsigned last);

/* Makes room for so many descriptors; see fdtable.h and stream.h. */
void fds_reserve(size_t limit);

#endif
