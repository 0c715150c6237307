/* Preloaded: of the shim's own calls of malloc and calloc, one in FAIL_SHARE fails, at random, or
 * the FAIL_FROM-th and all after it, and those of everybody else do not. When the process ends it
 * writes to FAIL_SEEN how many failed. */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);

static uintptr_t from, to; /* where the shim is */
static unsigned long share, first;
static atomic_ulong calls, failed;

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size, (void)arg;
    if (!info->dlpi_name || !strstr(info->dlpi_name, "libbellhop.so"))
        return 0;
    from = info->dlpi_addr;
    for (size_t i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD)
            to = from + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
    return 1;
}

__attribute__((constructor)) static void start(void)
{
    const char *text = getenv("FAIL_SHARE"), *number = getenv("FAIL_FROM");
    dl_iterate_phdr(visit, NULL);
    first = number ? strtoul(number, NULL, 10) : 0;
    share = text ? strtoul(text, NULL, 10) : 0;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAIL_SEEN");
    char text[40];
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    int len = snprintf(text, sizeof text, "%lu\n", failed);
    if (fd >= 0 && write(fd, text, (size_t)len) == len)
        close(fd);
}

static int is_due(uint64_t call)
{
    if (first)
        return call >= first;
    uint64_t x = call * 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    return (x ^ x >> 31) % share == 0;
}

static int fails(const void *caller)
{
    if ((!share && !first) || (uintptr_t)caller < from || (uintptr_t)caller >= to)
        return 0;
    if (!is_due(++calls))
        return 0;
    failed++;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}
