/* The agent's socket: made so that nobody ever finds it without a listener, with other rights, or
 * through a link; and what systemd has to do with it. */
#ifndef BELLHOP_CLI_AGENT_SOCKET_H
#define BELLHOP_CLI_AGENT_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

/* Room for a path below which the names with ".new" and ".lock" must fit, too. */
#define SOCKET_PATH 100

/* Where the socket is if nobody says: for this user. False: there is no such place, which was
 * said. */
bool socket_default(char *path);

/* Listens at `path`; what a dead agent left there is replaced. Returns the socket, or -1: it
 * cannot, which was said. `group` (gid_t)-1: as it comes. */
int socket_listen(const char *path, mode_t mode, gid_t group);

/* The socket that systemd handed over and its path (SOCKET_PATH bytes), or -1: none. SOCKET_WRONG:
 * it is none that an agent can serve, which was said. */
enum { SOCKET_WRONG = -2 };
int socket_inherited(char *path);

/* Removes what socket_listen made, if it is still that. */
void socket_remove(void);

/* Tells systemd, if it wants to know: "READY=1". */
void socket_notify(const char *state);

#endif
