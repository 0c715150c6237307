/* Requests of clients: whom they are for, and the parts of the answer. */
#ifndef BELLHOP_CLI_AGENT_SERVE_H
#define BELLHOP_CLI_AGENT_SERVE_H

#include "base/limits.h"
#include "cli/agent_book.h"
#include "cli/agent_client.h"

/* One of these is there. */
struct recipients {
    bool all;
    pid_t pid;            /* 0: none */
    pid_t tid;            /* of that process; 0: none */
    char exe[LIMIT_PATH]; /* a pattern; "": none */
};

/* False: none is there, or several. */
bool recipients_read(const struct wire_in *in, struct recipients *t);
bool recipients_include(const struct recipients *t, const struct process *p);

/* True: this client may give orders for the fleet; for this process. */
bool may_order_fleet(const struct client *c);
bool may_order(const struct client *c, const struct process *p);

/* Answers with an enum bellhop_control_error. */
void refuse(struct client *c, const struct wire_in *in, int error);

/* SET, UNSET, CLEAR, ENABLE, DISABLE; PS, GET. */
void serve_order(struct client *c, const struct wire_in *in);
void serve_question(struct client *c, const struct wire_in *in);

#endif
