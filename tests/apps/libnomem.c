/* Preloaded: the FAIL_AT-th call of calloc, realloc or reallocarray fails, and so do all after it.
 * malloc is left alone, since the streams of the program that reports it all need that. */
#include <errno.h>
#include <stdlib.h>

extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *at, size_t size);
void *reallocarray(void *at, size_t count, size_t size);

static long calls;

static int fails(void)
{
    const char *at = getenv("FAIL_AT");
    if (!at || ++calls < atol(at))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
    return fails() ? NULL : __libc_realloc(at, size);
}

void *reallocarray(void *at, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(at, bytes);
}
