/* Any bytes as a program, as a library, and as the loader's cache: they are read to an end, and
 * what is said of them is in them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/doctor_cache.h"
#include "cli/doctor_object.h"
#include "cli/elf_file.h"

static void hold(bool truth)
{
    if (!truth)
        __builtin_trap();
}

static void read_object(int fd)
{
    struct object o = { 0 };
    struct elf_file head;
    bool whole = object_read(&o, fd);
    hold(whole == (o.state == OBJECT_READ));
    hold(o.state == OBJECT_READ || o.state == OBJECT_DAMAGED || o.state == OBJECT_FOREIGN);
    /* The short way and the long one agree on what both tell. */
    if (elf_read(fd, &head) && o.state == OBJECT_READ)
        hold(head.bits == o.bits && head.order == o.order && head.machine == o.machine &&
             head.is_dynamic == o.has_loader);
    for (size_t i = 0; i < o.needed_count; i++)
        hold(*o.needed[i]);
    object_mark(&o, fd);
    for (size_t i = 0; i < marks_count(); i++)
        hold(o.evidence[i] <= EVIDENCE_CERTAIN);
    hold(*object_libc(&o) && *machine_name(o.machine) && object_name(&o));
    object_free(&o);
}

static void read_cache(const char *path)
{
    struct cache c;
    cache_load(&c, path);
    size_t at = 0, found = 0;
    const char *file;
    while ((file = cache_next(&c, "libc.so.6", &at))) {
        hold(file >= c.at && file + strlen(file) < c.at + c.len);
        found++;
    }
    hold(found <= c.count && at == c.count);
    cache_free(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static char path[64];
    if (fd < 0) {
        fd = memfd_create("elf", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    read_object(fd);
    read_cache(path);
    return 0;
}
