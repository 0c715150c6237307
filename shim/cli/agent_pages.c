#include "cli/agent_pages.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* The same file, through a descriptor that cannot write. */
static int read_only(int fd)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* FUTURE_WRITE leaves our own mapping writable and lets nobody make another. */
static int seal(int fd, bool shared_by_all)
{
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    if (fcntl(fd, F_ADD_SEALS, seals | (shared_by_all ? F_SEAL_FUTURE_WRITE : 0)) != 0)
        return -1;
    return shared_by_all ? read_only(fd) : dup(fd);
}

int pages_make(size_t size, bool shared_by_all, void **at)
{
    int made = -1;
    int fd = memfd_create(shared_by_all ? "bellhop-fleet" : "bellhop-process",
                          MFD_CLOEXEC | MFD_ALLOW_SEALING);
    *at = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
        *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (*at != MAP_FAILED)
        made = seal(fd, shared_by_all);
    if (made < 0 && *at != MAP_FAILED)
        munmap(*at, size);
    if (fd >= 0)
        close(fd);
    return made;
}

/* Time, and one more each: agents that follow each other have different ones. */
uint64_t pages_generation(void)
{
    static uint64_t last;
    struct timespec now = { 0 };
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t made = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    last = made > last ? made : last + 1;
    return last;
}
