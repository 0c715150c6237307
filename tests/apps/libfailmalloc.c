/* Preloaded: between fail_malloc(N) and fail_malloc(0) the N-th call of malloc or calloc of this
 * thread fails, and so do all after it. */
#include <errno.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
void fail_malloc(long at);

static _Thread_local long left;

void fail_malloc(long at)
{
    left = at;
}

static int fails(void)
{
    if (left == 0 || (left > 1 && left--))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}
