/* popen and pclose. See shell.h. */
#include "hooks/popen.h"

#include <errno.h>
#include <sys/syscall.h>

#include "hooks/fds.h"
#include "hooks/hooks.h"
#include "hooks/lock.h"
#include "hooks/real.h"
#include "hooks/shell.h"
#include "hooks/vfork.h"

struct stream {
    struct stream *next;
    FILE *file;
    int fd;
    pid_t pid; /* 0: libc's */
};

/* The streams of popen that are open. A new child must have none of them; libc sees to that for its
 * own, so that while there are some of ours, all children are started here. */
static struct {
    struct lock lock; /* also while a child is started: see popen */
    struct stream *first;
    unsigned ours;
    atomic_uint count; /* of all; changed under the lock */
} streams;

/* NULL: it is none. The lock is held. */
static struct stream *take_out(const FILE *file)
{
    struct stream **at = &streams.first, *found;
    while (*at && (*at)->file != file)
        at = &(*at)->next;
    if ((found = *at)) {
        *at = found->next;
        streams.ours -= found->pid != 0;
        atomic_fetch_sub(&streams.count, 1);
    }
    return found;
}

/* The lock is held. */
static void remember(struct stream *s, FILE *file, pid_t pid)
{
    free(take_out(file)); /* closed by a call that was not seen */
    *s = (struct stream){ streams.first, file, fileno(file), pid };
    streams.first = s;
    streams.ours += pid != 0;
    atomic_fetch_add(&streams.count, 1);
}

/* The child of a stream that is ours, which is its caller's to wait for, or 0. */
static pid_t forget(const FILE *file)
{
    if (atomic_load(&streams.count) == 0 || hooks_vforked)
        return 0;
    lock_take(&streams.lock);
    struct stream *found = take_out(file);
    lock_give(&streams.lock);
    pid_t pid = found ? found->pid : 0;
    free(found);
    return pid;
}

struct mode {
    bool reads, writes, closes_on_exec;
};

/* False: libc shall say what is wrong. */
static bool mode_parse(const char *text, struct mode *m)
{
    *m = (struct mode){ 0 };
    for (; *text; text++)
        if (*text == 'r')
            m->reads = true;
        else if (*text == 'w')
            m->writes = true;
        else if (*text == 'e')
            m->closes_on_exec = true;
        else
            return false;
    return m->reads != m->writes;
}

/* As the close that is no cancellation point. */
static void close_quietly(int fd)
{
    syscall(SYS_close, fd);
}

/* The shell gets `end` as its standard input or output, and of what popen made before nothing. */
static int start_piped(pid_t *pid, const char *command, char *const *env, int end, int as)
{
    posix_spawn_file_actions_t actions = { 0 };
    posix_spawn_file_actions_init(&actions);
    int error = posix_spawn_file_actions_adddup2(&actions, end, as);
    for (const struct stream *s = streams.first; s && !error; s = s->next)
        if (s->fd != as)
            error = posix_spawn_file_actions_addclose(&actions, s->fd);
    if (!error)
        error = shell_start(pid, command, env, &actions, NULL);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* The end for the child, as a number that is not the one that it shall have there: else its mark
 * to be closed would have to be taken off here, where other threads start children too. */
static int moved(int end, int as)
{
    if (end != as)
        return end;
    int to = REAL(fcntl)(end, F_DUPFD_CLOEXEC, 0);
    close_quietly(end);
    return to;
}

/* Between ends that are marked to be closed in children, so that none that another thread starts
 * has them. */
static FILE *open_between(const char *command, struct mode m, char *const *env, int near, int far)
{
    FILE *file = REAL(fdopen)(near, m.reads ? "r" : "w");
    struct stream *s = malloc(sizeof *s);
    pid_t pid;
    if (!file || !s || start_piped(&pid, command, env, far, m.reads ? 1 : 0) != 0) {
        free(s);
        if (file)
            REAL(fclose)(file);
        else
            close_quietly(near);
        return NULL;
    }
    if (!m.closes_on_exec)
        REAL(fcntl)(near, F_SETFD, 0);
    remember(s, file, pid);
    return file;
}

static FILE *open_here(const char *command, struct mode m, char *const *env)
{
    int ends[2];
    if (REAL(pipe2)(ends, O_CLOEXEC) != 0)
        return NULL;
    int near = ends[m.writes], far = moved(ends[m.reads], m.reads);
    fds_made(near);
    FILE *file = open_between(command, m, env, near, far);
    if (far >= 0)
        close_quietly(far);
    return file;
}

static FILE *open_in_libc(const char *command, const char *mode)
{
    FILE *file = REAL(popen)(command, mode);
    struct stream *s = file ? malloc(sizeof *s) : NULL;
    if (file)
        fds_made(fileno(file));
    if (s)
        remember(s, file, 0);
    return file;
}

/* libc, too, holds a lock while it starts the child: a stream that was made meanwhile and is not
 * marked to be closed would come to be the child's as well. What fails here, fails there again, or
 * does not. */
EXPORT FILE *popen(const char *command, const char *mode)
{
    struct shell_env gift = { .env = environ };
    struct mode m;
    FILE *file = NULL;
    int saved = errno;
    if (!hooks_ready() || hooks_vforked)
        return REAL(popen)(command, mode);
    bool possible = mode_parse(mode, &m);
    bool wanted = possible && shell_env_begin(&gift, command);
    lock_take(&streams.lock);
    if (wanted || (possible && streams.ours > 0))
        file = open_here(command, m, gift.env);
    errno = saved;
    if (!file)
        file = open_in_libc(command, mode);
    lock_give(&streams.lock);
    saved = errno;
    shell_env_end(&gift);
    errno = saved;
    return file;
}

/* What libc does when such a stream is closed: the child's status comes before an error of the last
 * write; without a descriptor to close it does not wait. */
int popen_close(FILE *file, int (*real)(FILE *))
{
    pid_t pid = forget(file);
    if (pid == 0)
        return real(file);
    bool is_open = REAL(fcntl)(fileno(file), F_GETFD) >= 0;
    int result = REAL(fclose)(file);
    int status = is_open ? shell_wait(pid) : -1;
    return status ? status : result;
}

void popen_over(const FILE *file)
{
    forget(file);
}

void popen_reopened(FILE *file)
{
    int saved = errno;
    pid_t pid = forget(file);
    if (pid != 0)
        shell_wait(pid);
    errno = saved;
}

EXPORT int pclose(FILE *file)
{
    fds_closing(fileno(file));
    return popen_close(file, REAL(pclose));
}
