#include "cli/preload.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cli.h"

#define SHIM_NAME "libbellhop.so"

bool preload_find(char *path, size_t max)
{
    return beside_find(SHIM_NAME, path, max);
}

bool beside_find(const char *name, char *path, size_t max)
{
    static const char *const places[] = { "", "../lib/bellhop/" };
    char exe[PATH_MAX], real[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (len <= 0) {
        say("cannot find out where this command is: %s", strerror(errno));
        return false;
    }
    exe[len] = 0;
    *strrchr(exe, '/') = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int n = snprintf(path, max, "%s/%s%s", exe, places[i], name);
        if (n < 0 || (size_t)n >= max || !realpath(path, real) || access(real, R_OK) != 0)
            continue;
        return snprintf(path, max, "%s", real) < (int)max;
    }
    say("%s is neither in %s nor in %s/../lib/bellhop; is the installation complete?", name, exe,
        exe);
    return false;
}

static bool is_shim(struct span entry)
{
    struct span name = SPAN(SHIM_NAME);
    if (entry.len < name.len)
        return false;
    size_t dir = entry.len - name.len;
    return span_equal(span_make(entry.at + dir, name.len), name) &&
           (dir == 0 || entry.at[dir - 1] == '/');
}

bool preload_set(const char *shim)
{
    struct span before = span_of(getenv("LD_PRELOAD"));
    /* The loader separates at these, and replaces $LIB and others. */
    if (strpbrk(shim, " :$")) {
        say("%s cannot be preloaded: a space, a colon or a $ in the path means something to the "
            "loader; install it elsewhere",
            shim);
        return false;
    }
    size_t max = strlen(shim) + before.len + 2;
    char *value = malloc(max);
    struct buf out = buf_over(value, max);
    if (!value) {
        say("out of memory");
        return false;
    }
    buf_puts(&out, shim);
    while (before.len) {
        size_t len = 0;
        while (len < before.len && before.at[len] != ' ' && before.at[len] != ':')
            len++;
        struct span entry = span_make(before.at, len);
        before = span_make(before.at + len, before.len - len);
        if (before.len)
            before = span_make(before.at + 1, before.len - 1);
        if (!entry.len || is_shim(entry))
            continue;
        buf_putc(&out, ':');
        buf_put(&out, entry);
    }
    buf_putc(&out, 0);
    bool ok = !out.cut && setenv("LD_PRELOAD", value, 1) == 0;
    free(value);
    if (!ok)
        say("out of memory");
    return ok;
}
