/* system. See shell.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "hooks/hooks.h"
#include "hooks/lock.h"
#include "hooks/real.h"
#include "hooks/shell.h"
#include "hooks/vfork.h"

/* --- signals ---------------------------------------------------------------------------------- */

/* As the kernel has it, the handler first: it is only stored, and put back. libc's function of the
 * name may be the program's own. */
struct disposition {
    unsigned long words[8];
};

#define KERNEL_MASK 8 /* bytes */

static const struct disposition ignored = { { (unsigned long)(uintptr_t)SIG_IGN } };

static void change(int signal, const struct disposition *to, struct disposition *from)
{
    syscall(SYS_rt_sigaction, signal, to, from, KERNEL_MASK);
}

static uint64_t mask_of(int signal)
{
    return UINT64_C(1) << (signal - 1);
}

static sigset_t set_of(uint64_t mask)
{
    sigset_t set = { 0 };
    memcpy(&set, &mask, sizeof mask);
    return set;
}

/* The calls of system in all threads; while there are any, SIGINT and SIGQUIT are ignored. libc
 * counts those that it answers by itself, and puts back what it found at its first one. So none may
 * begin there while some go on here: it would take "ignored" for what the program wants. */
static struct {
    struct lock lock;
    unsigned here, in_libc;
    struct disposition interrupt, quit; /* before the first of them */
} calls;

static void ignore_both(void)
{
    change(SIGINT, &ignored, NULL);
    change(SIGQUIT, &ignored, NULL);
}

/* A call begins. Returns whether it is to be answered here. */
static bool enter(bool wanted)
{
    lock_take(&calls.lock);
    bool here = wanted || calls.here > 0;
    if (calls.here + calls.in_libc == 0) {
        change(SIGINT, NULL, &calls.interrupt);
        change(SIGQUIT, NULL, &calls.quit);
        if (here)
            ignore_both();
    }
    if (here)
        calls.here++;
    else
        calls.in_libc++;
    lock_give(&calls.lock);
    return here;
}

static void leave(void)
{
    lock_take(&calls.lock);
    if (--calls.here == 0 && calls.in_libc == 0) {
        change(SIGINT, &calls.interrupt, NULL);
        change(SIGQUIT, &calls.quit, NULL);
    }
    lock_give(&calls.lock);
}

static void leave_libc(void *unused)
{
    (void)unused;
    lock_take(&calls.lock);
    if (--calls.in_libc == 0 && calls.here > 0)
        ignore_both(); /* libc has put back what was before */
    lock_give(&calls.lock);
}

/* --- system ----------------------------------------------------------------------------------- */

static void cancelled(void *arg)
{
    const pid_t *pid = arg;
    syscall(SYS_kill, *pid, SIGKILL);
    shell_wait(*pid);
    leave();
}

/* The cancellation point that system is. */
static int wait_for(pid_t pid)
{
    struct _pthread_cleanup_buffer cleanup;
    int status = -1;
    pid_t result;
    _pthread_cleanup_push(&cleanup, cancelled, &pid);
    do
        result = waitpid(pid, &status, 0);
    while (result < 0 && errno == EINTR);
    _pthread_cleanup_pop(&cleanup, 0);
    return result == pid ? status : -1;
}

static int start_waited(pid_t *pid, const char *command, char *const *env, uint64_t mask)
{
    uint64_t reset = 0;
    posix_spawnattr_t attributes = { 0 };
    sigset_t set = set_of(mask);
    if (calls.interrupt.words[0] != ignored.words[0])
        reset |= mask_of(SIGINT);
    if (calls.quit.words[0] != ignored.words[0])
        reset |= mask_of(SIGQUIT);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &set);
    set = set_of(reset);
    posix_spawnattr_setsigdefault(&attributes, &set);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    return shell_start(pid, command, env, NULL, &attributes);
}

/* Ends the gift before it waits, as the wait may never come back. */
static int run_here(const char *command, struct shell_env *gift)
{
    uint64_t mask = 0;
    const uint64_t child = mask_of(SIGCHLD);
    pid_t pid;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, &child, &mask, KERNEL_MASK);
    int error = start_waited(&pid, command, gift->env, mask);
    shell_env_end(gift);
    int status = error ? W_EXITCODE(127, 0) : wait_for(pid);
    int wait_error = errno;
    leave();
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, KERNEL_MASK);
    errno = error ? error : wait_error;
    return status;
}

static int run_in_libc(const char *command)
{
    struct _pthread_cleanup_buffer cleanup;
    _pthread_cleanup_push(&cleanup, leave_libc, NULL);
    int status = REAL(system)(command);
    _pthread_cleanup_pop(&cleanup, 0);
    leave_libc(NULL);
    return status;
}

EXPORT int system(const char *command)
{
    struct shell_env gift = { .env = environ };
    int saved = errno;
    if (!hooks_ready() || hooks_vforked)
        return REAL(system)(command);
    bool wanted = command && shell_env_begin(&gift, command);
    bool here = enter(wanted);
    errno = saved;
    if (here)
        return command ? run_here(command, &gift) : run_here("exit 0", &gift) == 0;
    shell_env_end(&gift);
    return run_in_libc(command);
}
