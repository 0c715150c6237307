/* Finding the agent: at start, and again when it has gone or when the process is a fork child. */
#ifndef BELLHOP_CONTROL_ATTACH_H
#define BELLHOP_CONTROL_ATTACH_H

#include <stdatomic.h>
#include <stdbool.h>

/* Remembers the socket of the agent (absolute; copied) and attaches to it. Called once, in the
 * constructor. Waits for an agent that does not answer CONTROL_START_MS twice at most. False: there
 * is none now; control_renew goes on trying. errno is kept. */
bool control_attach(const char *path);

/* True once control_attach was called with a path that can be one. */
extern atomic_bool control_wanted;

/* The process is about to confine itself to some system calls (seccomp): what it is attached to
 * stays, and it looks for no agent any more. Async-signal-safe. */
void control_confine(void);

/* The rest of control_renew. */
void control_renew_now(void);

/* For hooks in which a system call more is no harm: connect, accept, curl_easy_perform. Attaches if
 * this process is not attached, or if its agent has not been heard of; else, and if the last
 * attempt was a moment ago, it does nothing. Never in a vfork child. Async-signal-safe: no malloc,
 * no lock; of several threads one does it. It waits CONTROL_RENEW_MS twice at most, for an agent
 * that is there and does not answer, and less and less often. errno is kept. One load if there is
 * no agent to be had, else a look at the clock (no system call). */
static inline void control_renew(void)
{
    if (__builtin_expect(atomic_load_explicit(&control_wanted, memory_order_relaxed), 0))
        control_renew_now();
}

enum {
    CONTROL_START_MS = 60,
    CONTROL_RENEW_MS = 20,
    CONTROL_BEAT_MS = 250,   /* how often an agent says that it is there */
    CONTROL_STALE_MS = 1500, /* without which it has gone */
    CONTROL_RETRY_MS = 250,  /* between attempts, doubled each time up to 16 times that */
};

#endif
