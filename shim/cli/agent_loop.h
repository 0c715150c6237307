/* The agent's one loop: sources of events, and what is called when one is ready. */
#ifndef BELLHOP_CLI_AGENT_LOOP_H
#define BELLHOP_CLI_AGENT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

/* The first member of whatever waits for a descriptor. */
struct source {
    void (*ready)(struct source *s, uint32_t events); /* may end any source, itself included */
};

/* Each: false: no memory or no descriptor, errno tells. Events are those of epoll. */
bool loop_start(void);
bool loop_add(int fd, uint32_t events, struct source *s);
bool loop_change(int fd, uint32_t events, struct source *s);
void loop_remove(int fd);

/* Runs until loop_stop, and returns what that was given. */
int loop_run(void);
void loop_stop(int status);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t loop_now(void);

#endif
