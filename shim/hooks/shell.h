/* The shell that system and popen start. libc starts theirs by calls inside of it, which pass by
 * posix_spawn, and with the environment as it stands; where a shell shall get more than that, these
 * two are done here, step by step as libc does them. */
#ifndef BELLHOP_HOOKS_SHELL_H
#define BELLHOP_HOOKS_SHELL_H

#include "carrier/environment.h"
#include "hooks/libc.h"

/* The environment of one shell. */
struct shell_env {
    struct handover handover;
    void *copy;
    char *const *env;
};

/* Makes a changed copy of the environment for what runs this command. False: there is nothing to
 * hand over; `env` is the environment as it stands. To be ended in both cases. */
bool shell_env_begin(struct shell_env *e, const char *command);

/* Once the shell runs, or not. Leaves the environment as it stands in `env`. */
void shell_env_end(struct shell_env *e);

/* Starts a shell; `actions` and `attributes` may be NULL. 0, or an error number. */
int shell_start(pid_t *pid, const char *command, char *const *env,
                const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes);

/* The status of a child once it has ended, or -1 and errno. Unlike waitpid no cancellation point,
 * and signals do not interrupt it. */
int shell_wait(pid_t pid);

#endif
