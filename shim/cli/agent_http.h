/* Metrics over HTTP: a program of its own (bellhop-metrics) asks the agent as any client does, so
 * that what strangers send never reaches the agent's memory, and no other command has to load an
 * HTTP library. */
#ifndef BELLHOP_CLI_AGENT_HTTP_H
#define BELLHOP_CLI_AGENT_HTTP_H

#include <stdbool.h>
#include <sys/types.h>

/* Starts it, to serve at ADDRESS:PORT what the agent of this socket tells; it ends with us. False:
 * it cannot, which was said. */
bool http_start(const char *where, const char *socket);

/* A child has ended: says so if it is that one. */
void http_ended(pid_t child);

#endif
