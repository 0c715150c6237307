/* Functions of libc that the shim needs now and then. As imports each would be looked up at every
 * start of every process; so they are defined here, for the shim alone, and found when they are
 * first called. Who wants one just calls it. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hooks/libc_abi.h"
#include "hooks/real.h"
#include "hooks/symbols.h"

enum late {
    LATE_reallocarray,
    LATE_inet_pton,
    LATE_getcwd,
    LATE_clock_gettime,
    LATE_fileno,
    LATE_dladdr,
    LATE_dladdr1,
    LATE_dl_iterate_phdr,
    LATE_pthread_once,
    LATE_pthread_key_create,
    LATE_pthread_setspecific,
    LATE_waitpid,
    LATE_posix_spawnattr_init,
    LATE_posix_spawnattr_setflags,
    LATE_posix_spawnattr_setsigmask,
    LATE_posix_spawnattr_setsigdefault,
    LATE_posix_spawn_file_actions_init,
    LATE_posix_spawn_file_actions_destroy,
    LATE_posix_spawn_file_actions_adddup2,
    LATE_posix_spawn_file_actions_addclose,
    LATE__pthread_cleanup_push,
    LATE__pthread_cleanup_pop,
    LATE_FUNCTIONS
};

/* What every caller takes for a failure, or for nothing found. */
static long none(void)
{
    return 0;
}

static void *late(enum late which, const char *name)
{
    static _Atomic(void *) known[LATE_FUNCTIONS];
    void *found = atomic_load_explicit(&known[which], memory_order_acquire);
    if (found)
        return found;
    found = symbols_next(name);
    if (!found)
        found = real_next(name);
    if (!found)
        found = (void *)(uintptr_t)none;
    atomic_store_explicit(&known[which], found, memory_order_release);
    return found;
}

#define LATE(name) ((__typeof__(name) *)late(LATE_##name, #name))

/* At many a start, so not even looked up. */
void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
    return (void *)syscall(SYS_mmap, at, len, protection, flags, fd, offset);
}

void *reallocarray(void *old, size_t count, size_t size)
{
    return LATE(reallocarray)(old, count, size);
}

int inet_pton(int family, const char *restrict text, void *restrict out)
{
    return LATE(inet_pton)(family, text, out);
}

char *getcwd(char *out, size_t size)
{
    return LATE(getcwd)(out, size);
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    *out = (struct timespec){ 0 };
    return LATE(clock_gettime)(clock, out);
}

int fileno(FILE *file)
{
    return LATE(fileno)(file);
}

int dladdr(const void *address, Dl_info *info)
{
    return LATE(dladdr)(address, info);
}

int dladdr1(const void *address, Dl_info *info, void **extra, int flags)
{
    return LATE(dladdr1)(address, info, extra, flags);
}

int dl_iterate_phdr(int (*visit)(struct dl_phdr_info *, size_t, void *), void *arg)
{
    return LATE(dl_iterate_phdr)(visit, arg);
}

int pthread_once(pthread_once_t *once, void (*run)(void))
{
    return LATE(pthread_once)(once, run);
}

int pthread_key_create(pthread_key_t *key, void (*end)(void *))
{
    return LATE(pthread_key_create)(key, end);
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
    return LATE(pthread_setspecific)(key, value);
}

/* --- starting programs ------------------------------------------------------------------------ */

pid_t waitpid(pid_t pid, int *status, int options)
{
    return LATE(waitpid)(pid, status, options);
}

int posix_spawnattr_init(posix_spawnattr_t *attributes)
{
    return LATE(posix_spawnattr_init)(attributes);
}

int posix_spawnattr_setflags(posix_spawnattr_t *attributes, short flags)
{
    return LATE(posix_spawnattr_setflags)(attributes, flags);
}

int posix_spawnattr_setsigmask(posix_spawnattr_t *restrict attributes, const sigset_t *restrict set)
{
    return LATE(posix_spawnattr_setsigmask)(attributes, set);
}

int posix_spawnattr_setsigdefault(posix_spawnattr_t *restrict attributes,
                                  const sigset_t *restrict set)
{
    return LATE(posix_spawnattr_setsigdefault)(attributes, set);
}

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions)
{
    return LATE(posix_spawn_file_actions_init)(actions);
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions)
{
    return LATE(posix_spawn_file_actions_destroy)(actions);
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int from, int to)
{
    return LATE(posix_spawn_file_actions_adddup2)(actions, from, to);
}

int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *actions, int fd)
{
    return LATE(posix_spawn_file_actions_addclose)(actions, fd);
}

/* What the macro pthread_cleanup_push was once made of, and libc still runs for a thread that is
 * cancelled. Unlike what the macro is now, it is no function that returns twice. */
void _pthread_cleanup_push(struct _pthread_cleanup_buffer *buffer, void (*run)(void *), void *arg)
{
    LATE(_pthread_cleanup_push)(buffer, run, arg);
}

void _pthread_cleanup_pop(struct _pthread_cleanup_buffer *buffer, int execute)
{
    LATE(_pthread_cleanup_pop)(buffer, execute);
}

/* --- text ------------------------------------------------------------------------------------- */

/* libc has several of each of these and chooses at start, so that they cannot be found late. None
 * of them sees more than a few hundred bytes here. */

char *strchr(const char *text, int c)
{
    for (; *text != (char)c; text++)
        if (!*text)
            return NULL;
    return (char *)(uintptr_t)text;
}

char *strrchr(const char *text, int c)
{
    const char *last = NULL;
    for (;; text++) {
        if (*text == (char)c)
            last = text;
        if (!*text)
            return (char *)(uintptr_t)last;
    }
}

int strcmp(const char *a, const char *b)
{
    for (; *a && *a == *b; a++)
        b++;
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t len)
{
    for (; len; len--, a++, b++)
        if (*a != *b || !*a)
            return (unsigned char)*a - (unsigned char)*b;
    return 0;
}

int strncasecmp(const char *a, const char *b, size_t len)
{
    for (; len; len--, a++, b++) {
        const int x = *a >= 'A' && *a <= 'Z' ? *a | 0x20 : (unsigned char)*a;
        const int y = *b >= 'A' && *b <= 'Z' ? *b | 0x20 : (unsigned char)*b;
        if (x != y || !x)
            return x - y;
    }
    return 0;
}

size_t strcspn(const char *text, const char *stop)
{
    size_t n = 0;
    while (text[n] && !strchr(stop, text[n]))
        n++;
    return n;
}

void *memrchr(const void *at, int c, size_t len)
{
    const char *bytes = at;
    while (len-- > 0)
        if (bytes[len] == (char)c)
            return (void *)(uintptr_t)(bytes + len);
    return NULL;
}

void *memmem(const void *at, size_t len, const void *what, size_t size)
{
    for (const char *p = at; len >= size; p++, len--)
        if (memcmp(p, what, size) == 0)
            return (void *)(uintptr_t)p;
    return NULL;
}

char *strstr(const char *text, const char *what)
{
    return memmem(text, strlen(text), what, strlen(what));
}
