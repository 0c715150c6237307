/* Programs that are started: they get the fields of the current request in their environment, in a
 * copy of it. All of it may run in a signal handler, on a small stack, and in a vfork child. One
 * that would be larger than HANDOVER_MAX is not made. */
#include <alloca.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>

#include "base/blocks.h"
#include "carrier/environment.h"
#include "context/settings.h"
#include "hooks/hooks.h"
#include "hooks/libc.h"
#include "hooks/real.h"
#include "hooks/vfork.h"

#define HANDOVER_MAX 32768

struct handed {
    struct handover h;
    void *block; /* that the copy stands in; NULL: none */
};

static bool is_wanted(struct handover *h, char *const *env)
{
    if (!hooks_ready())
        return false;
    settings_stay = hooks_vforked;
    bool something = handover_begin(h, env);
    settings_stay = false;
    if (!something)
        return false;
    if (h->bytes <= HANDOVER_MAX)
        return true;
    handover_end(h);
    return false;
}

/* The copy holds all that it needs. So nothing but its memory is left to be given back after a call
 * that may not return. */
static char *const *made(struct handed *d, void *frame)
{
    char *const *env = d->h.env;
    if (!frame)
        frame = d->block = block_take(d->h.bytes);
    if (frame)
        env = handover_make(&d->h, frame);
    handover_end(&d->h);
    return env;
}

/* The environment to hand over. A vfork child's memory is its parent's, so that nothing may be
 * taken there but room in the frame of the caller. */
#define HANDED(d, original)                                                                        \
    (is_wanted(&(d).h, (original)) ? made(&(d), hooks_vforked ? alloca((d).h.bytes) : NULL)        \
                                   : (original))

/* After a call that came back. */
static int over(const struct handed *d, int result)
{
    int saved = errno;
    block_give(d->block);
    errno = saved;
    return result;
}

EXPORT int execve(const char *path, char *const argv[], char *const env[])
{
    struct handed d = { 0 };
    return over(&d, REAL(execve)(path, argv, HANDED(d, env)));
}

EXPORT int execv(const char *path, char *const argv[])
{
    return execve(path, argv, environ);
}

EXPORT int execvpe(const char *file, char *const argv[], char *const env[])
{
    struct handed d = { 0 };
    return over(&d, REAL(execvpe)(file, argv, HANDED(d, env)));
}

EXPORT int execvp(const char *file, char *const argv[])
{
    return execvpe(file, argv, environ);
}

EXPORT int fexecve(int fd, char *const argv[], char *const env[])
{
    struct handed d = { 0 };
    return over(&d, REAL(fexecve)(fd, argv, HANDED(d, env)));
}

EXPORT int execveat(int dir, const char *path, char *const argv[], char *const env[], int flags)
{
    struct handed d = { 0 };
    return over(&d, REAL(execveat)(dir, path, argv, HANDED(d, env), flags));
}

EXPORT int posix_spawn(pid_t *restrict pid, const char *restrict path,
                       const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
                       char *const env[restrict])
{
    struct handed d = { 0 };
    return over(&d, REAL(posix_spawn)(pid, path, actions, attributes, argv, HANDED(d, env)));
}

EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes, char *const argv[], char *const env[])
{
    struct handed d = { 0 };
    return over(&d, REAL(posix_spawnp)(pid, file, actions, attributes, argv, HANDED(d, env)));
}

/* --- arguments one by one --------------------------------------------------------------------- */

/* All of them up to the NULL that ends them, as an array in the frame of the caller. */
#define COUNTED(count, first, args)                                                                \
    do {                                                                                           \
        va_start(args, first);                                                                     \
        for ((count) = 1; va_arg(args, char *); (count)++)                                         \
            ;                                                                                      \
        va_end(args);                                                                              \
    } while (0)

static void fill(char **argv, size_t count, const char *first, va_list args)
{
    argv[0] = (char *)(uintptr_t)first;
    for (size_t i = 1; i <= count; i++)
        argv[i] = va_arg(args, char *);
}

EXPORT int execl(const char *path, const char *first, ...)
{
    va_list args;
    size_t count;
    COUNTED(count, first, args);
    char **argv = alloca((count + 1) * sizeof *argv);
    va_start(args, first);
    fill(argv, count, first, args);
    va_end(args);
    return execve(path, argv, environ);
}

EXPORT int execlp(const char *file, const char *first, ...)
{
    va_list args;
    size_t count;
    COUNTED(count, first, args);
    char **argv = alloca((count + 1) * sizeof *argv);
    va_start(args, first);
    fill(argv, count, first, args);
    va_end(args);
    return execvpe(file, argv, environ);
}

EXPORT int execle(const char *path, const char *first, ...)
{
    va_list args;
    size_t count;
    COUNTED(count, first, args);
    char **argv = alloca((count + 1) * sizeof *argv);
    va_start(args, first);
    fill(argv, count, first, args);
    char *const *env = va_arg(args, char *const *);
    va_end(args);
    return execve(path, argv, env);
}
