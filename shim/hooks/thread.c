/* Threads and children go on with the request of the thread that made them (R7). */
#include <errno.h>
#include <stdlib.h>

#include "hooks/hooks.h"
#include "hooks/libc.h"
#include "hooks/real.h"

struct start {
    void *(*run)(void *);
    void *arg;
    struct worker worker;
};

static void *run(void *made)
{
    struct start start = *(struct start *)made;
    free(made);
    *process_worker() = start.worker;
    return start.run(start.arg);
}

/* Only where policy lets anything leave at that confidence. */
static struct start *begin(void *(*function)(void *), void *arg)
{
    struct worker child;
    if (!process_is_server() || process_least() > CONFIDENCE_WEAK)
        return NULL;
    whose_makes(process_worker(), &child);
    struct start *s = child.now.request ? malloc(sizeof *s) : NULL;
    if (s)
        *s = (struct start){ .run = function, .arg = arg, .worker = child };
    return s;
}

/* A child goes on with the request (R7), also when it closes its copy of the connection. */
EXPORT pid_t fork(void)
{
    pid_t child = REAL(fork)();
    if (child == 0 && process_is_server())
        process_keep_request();
    return child;
}

EXPORT int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
                          void *(*function)(void *), void *restrict arg)
{
    int saved = errno;
    struct start *s = begin(function, arg);
    errno = saved;
    if (!s)
        return REAL(pthread_create)(thread, attributes, function, arg);
    int result = REAL(pthread_create)(thread, attributes, run, s);
    if (result != 0)
        free(s);
    return result;
}
