/* What the kernel says of a process. */
#ifndef BELLHOP_CLI_PROC_H
#define BELLHOP_CLI_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_stat {
    pid_t parent;
    long threads;
    uint64_t start; /* when it began, in ticks since the machine did: with the pid it is a name */
};

/* Of a process (tid 0) or of one of its threads. False: there is none. */
bool proc_stat(pid_t pid, pid_t tid, struct proc_stat *out);

/* Its effective user. False: there is none. */
bool proc_user(pid_t pid, uid_t *out);

/* The path of its program, "?" if that cannot be told; `out` is a C string. */
void proc_exe(pid_t pid, char *out, size_t max);

/* The value of a variable in the environment that its program was started with: a C string in
 * `out`. False: it has none, it does not fit, or we may not know. */
bool proc_environment(pid_t pid, const char *name, char *out, size_t max);

#endif
