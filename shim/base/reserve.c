#include "base/reserve.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHARE 16 /* of a limited address space, so much is the most that one piece takes */

static bool is_modest(size_t bytes)
{
    struct rlimit64 space;
    return syscall(SYS_prlimit64, 0, RLIMIT_AS, NULL, &space) != 0 ||
           bytes <= space.rlim_cur / SHARE;
}

void *reserve(size_t bytes)
{
    int saved = errno;
    void *at = MAP_FAILED;
    if (is_modest(bytes))
        at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                  -1, 0);
    errno = saved;
    return at == MAP_FAILED ? NULL : at;
}
