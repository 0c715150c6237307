/* Those who talk to the agent: connections, their messages and answers. */
#ifndef BELLHOP_CLI_AGENT_CLIENT_H
#define BELLHOP_CLI_AGENT_CLIENT_H

#include <sys/types.h>

#include "cli/agent_loop.h"
#include "control/wire.h"

struct client {
    struct source source;
    int fd;
    pid_t pid; /* as the kernel says */
    uid_t uid;
    bool greeted;   /* its first message came */
    bool closing;   /* once all is said */
    int passed;     /* a descriptor that came with the message; -1 */
    int64_t heard;  /* when it last said something */
    char *out;      /* messages that wait: 4 bytes of length each before it */
    size_t len, at; /* of `out`: what is there, what went out */
    struct client *next, *before;
};

/* Answers connections of a listening socket from here on. False: it cannot, errno tells. */
bool clients_listen(int fd);

/* Closes those that have said nothing for long. */
void clients_tidy(int64_t now);

/* Answers: kept until they can leave. An answer that is empty (it was cut) or has no room ends the
 * connection. */
void client_say(struct client *c, struct span message);
void client_end(struct client *c, uint32_t id, uint32_t count);
void client_error(struct client *c, uint32_t id, int code, const char *text);

/* What its message asks for (agent_serve.c). */
void serve(struct client *c, const struct wire_in *in);

#endif
