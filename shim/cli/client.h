/* The commands' side of the control protocol. */
#ifndef BELLHOP_CLI_CLIENT_H
#define BELLHOP_CLI_CLIENT_H

#include "cli/cli.h"
#include "control/wire.h"

/* What the command line says: whom an order is for, and where the agent is. */
struct asking {
    const char *control; /* --control; NULL: to be found out */
    const char *exe;     /* NULL: none */
    uint32_t pid, tid;   /* 0: none */
    bool all;
    bool json;
    const char *host; /* get: --host; top: --sort */
    uint32_t times;   /* top: --times */
};

/* The options that a command may have, as bits. */
enum {
    ASKING_TARGET = 1, /* --pid, --tid, --exe, --all: exactly one, or one with --tid */
    ASKING_ONE = 2,    /* --pid alone */
    ASKING_JSON = 4,
    ASKING_HOST = 8,
    ASKING_MAYBE = 16,  /* a target may be missing */
    ASKING_TOP = 32,    /* --sort, --times */
    ASKING_THREAD = 64, /* --tid, though a target may be no other */
};

/* Takes the options; optind is the first argument behind them. EXIT_OK, or EXIT_USAGE, which was
 * said. */
int asking_take(struct asking *a, int argc, char **argv, unsigned allowed);

/* Puts whom it is for into a request. */
void asking_put(const struct asking *a, struct wire_out *w);

/* A connection to the agent; -1: none, which was said. */
int client_connect(const struct asking *a);

/* Says HELLO; the answer is passed over by client_ask. False: the agent has gone. */
bool client_greet(int fd);

/* Sends a request (with a descriptor, or -1) and calls `each` (or NULL) for every RECORD and TEXT
 * of the answer. Returns EXIT_OK, EXIT_FAULT or EXIT_NO_AGENT, which were said; *count is what END
 * says. */
typedef void client_each(void *arg, const struct wire_in *in);
int client_ask(int fd, struct span request, int passed, client_each *each, void *arg,
               uint32_t *count);

/* All of it for one request. */
int client_do(const struct asking *a, struct span request, int passed, client_each *each, void *arg,
              uint32_t *count);

#endif
