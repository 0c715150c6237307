/* The page that all processes of an agent read. There are two of it where an agent has processes of
 * several users (root's): what is secret stands in the one for its own. */
#ifndef BELLHOP_CLI_AGENT_FLEET_H
#define BELLHOP_CLI_AGENT_FLEET_H

#include <sys/types.h>

#include "base/pages.h"

/* False: no memory, which was said. */
bool fleet_start(void);

/* The descriptor to hand out to a process of this user (ours); -1: none. */
int fleet_fd(uid_t uid);

/* Our time; 0: we go. */
void fleet_beat(int64_t now);

void fleet_members(struct span members);

/* Hands over the text of a settings file, if it has no error; `name` is for messages, which are
 * said. False: nothing is changed. */
bool fleet_settings(const char *name, struct span text);

/* Of those that are handed over; 0: none. */
uint64_t fleet_settings_generation(void);

#endif
