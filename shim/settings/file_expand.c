/* ${...} in the values of `set` and `default`, for the program that reads the file. */
#include "settings/file.h"

#include <limits.h>
#include <sys/auxv.h>
#include <unistd.h>

enum expansion file_expand(struct span text, struct buf *out, struct span *name)
{
    char host[HOST_NAME_MAX + 1] = "", exe[PATH_MAX];
    ssize_t exe_len = readlink("/proc/self/exe", exe, sizeof exe);
    gethostname(host, sizeof host - 1);
    const struct surroundings here = {
        .exe = span_make(exe, exe_len > 0 ? (size_t)exe_len : 0),
        .hostname = span_of(host),
        .pid = (unsigned long)getpid(),
        .environment = getauxval(AT_SECURE) ? NULL : environ,
    };
    return template_expand(text, &here, out, name);
}
