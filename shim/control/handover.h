/* What an agent hands over: two descriptors, checked. System calls only, by number: the functions
 * of these names are hooks of ours, and no thread may be cancelled in here. */
#ifndef BELLHOP_CONTROL_HANDOVER_H
#define BELLHOP_CONTROL_HANDOVER_H

#include <stdbool.h>
#include <sys/un.h>

struct handed {
    int fleet, process; /* descriptors, the caller's; -1 */
};

/* Asks the agent at `address` for pages; each wait is `ms` at most. False: no agent, one of another
 * user, or not what an agent hands over; nothing is left open. */
bool handover_ask(const struct sockaddr_un *address, int ms, struct handed *out);

/* Closes both. */
void handover_close(struct handed *h);

#endif
