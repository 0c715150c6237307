/* An agent, in this process. */
#ifndef BELLHOP_CLI_AGENT_H
#define BELLHOP_CLI_AGENT_H

#include <stdbool.h>
#include <sys/types.h>

struct agent_options {
    const char *socket; /* absolute; NULL: what systemd handed over, or the default */
    mode_t mode;
    gid_t group;         /* (gid_t)-1: as it comes */
    const char *metrics; /* ADDRESS:PORT to serve metrics at; NULL: nowhere */
    bool journal;        /* what is known is kept beside the socket */
};

/* Listens, and is ready for agent_run. False: it cannot, which was said. */
bool agent_start(const struct agent_options *options);

/* Serves until it is told to go (SIGTERM, SIGINT), or until the child ends (0: there is none),
 * whose end is then the exit code, as a shell tells it. */
int agent_run(pid_t child);

#endif
