#include "hooks/shell.h"

#include <errno.h>
#include <paths.h>
#include <sys/syscall.h>

#include "base/blocks.h"

/* Some versions of libc put a "--" before the command, which makes a difference to these. */
static bool is_like_option(const char *command)
{
    return *command == '-' || *command == '+';
}

bool shell_env_begin(struct shell_env *e, const char *command)
{
    *e = (struct shell_env){ .env = environ };
    if (is_like_option(command) || !handover_begin(&e->handover, environ))
        return false;
    blocks_refill();
    if (!(e->copy = block_take(e->handover.bytes)))
        return false;
    e->env = handover_make(&e->handover, e->copy);
    return true;
}

void shell_env_end(struct shell_env *e)
{
    if (e->handover.context)
        handover_end(&e->handover);
    block_give(e->copy);
    *e = (struct shell_env){ .env = environ };
}

int shell_start(pid_t *pid, const char *command, char *const *env,
                const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes)
{
    char shell[] = "sh", option[] = "-c";
    char *argv[] = { shell, option, (char *)(uintptr_t)command, NULL };
    return REAL(posix_spawn)(pid, _PATH_BSHELL, actions, attributes, argv, env);
}

int shell_wait(pid_t pid)
{
    int status;
    long result;
    do
        result = syscall(SYS_wait4, pid, &status, 0, NULL);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -1 : status;
}
