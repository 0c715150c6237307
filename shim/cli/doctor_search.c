#include "cli/doctor_search.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/elf_file.h"

/* What $LIB stands for differs between distributions. */
static const char *const libs[] = { "lib/x86_64-linux-gnu", "lib64", "lib" };

/* Longer lists do not come from a linker that was asked for something. */
enum { DIRS_MOST = 256 };

struct lookup {
    const struct object *by, *program;
    const char *name;
    char *path;
    bool refused;
};

/* --- one candidate ------------------------------------------------------------------------- */

static int try_path(struct lookup *l)
{
    struct elf_file elf;
    int fd = open(l->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        l->refused |= errno == EACCES;
        return -1;
    }
    /* A damaged one ends the loader's search as well. */
    if (!elf_read(fd, &elf) || (elf.bits == l->program->bits && elf.order == l->program->order &&
                                elf.machine == l->program->machine))
        return fd;
    close(fd);
    return -1;
}

/* The loader asks the kernel where the program is, without symbolic links; of a library it takes
 * the path under which it was found. */
static void put_origin(struct buf *out, const struct object *of, const struct object *program)
{
    char path[PATH_MAX];
    const char *slash = of->path ? strrchr(of->path, '/') : NULL;
    if (of == program && of->path && realpath(of->path, path)) {
        *strrchr(path, '/') = 0;
        buf_puts(out, path);
        return;
    }
    if (of->path && *of->path != '/' && getcwd(path, sizeof path)) {
        buf_puts(out, path);
        buf_putc(out, '/');
    }
    if (slash)
        buf_put(out, span_make(of->path, (size_t)(slash - of->path)));
}

/* "$ORIGIN/../lib" or "${ORIGIN}/../lib": what follows the word, or 0. */
static size_t token(struct span s, const char *word)
{
    size_t len = strlen(word), brace = s.len > 1 && s.at[1] == '{';
    if (s.len < 1 + brace + len + brace || memcmp(s.at + 1 + brace, word, len) != 0 ||
        (brace && s.at[2 + len] != '}'))
        return 0;
    return 1 + 2 * brace + len;
}

static bool expand(const struct lookup *l, struct buf *out, struct span dir,
                   const struct object *of, const char *lib)
{
    bool has_lib = false;
    for (size_t i = 0, len; i < dir.len; i += len) {
        struct span rest = span_make(dir.at + i, dir.len - i);
        len = 1;
        if (*rest.at != '$')
            buf_putc(out, *rest.at);
        else if ((len = token(rest, "ORIGIN")))
            put_origin(out, of, l->program);
        else if ((len = token(rest, "LIB"))) {
            has_lib = true;
            buf_puts(out, lib);
        } else if ((len = token(rest, "PLATFORM"))) {
            buf_puts(out, (const char *)getauxval(AT_PLATFORM));
        } else {
            len = 1;
            buf_putc(out, '$');
        }
    }
    return has_lib;
}

static int try_dir(struct lookup *l, struct span dir, const struct object *of)
{
    bool has_lib = true;
    for (size_t i = 0; has_lib && i < sizeof libs / sizeof *libs; i++) {
        struct buf out = buf_over(l->path, LIMIT_PATH);
        has_lib = expand(l, &out, dir, of, libs[i]);
        if (dir.len)
            buf_putc(&out, '/');
        buf_puts(&out, l->name);
        buf_putc(&out, 0);
        int fd = out.cut ? -1 : try_path(l);
        if (fd >= 0)
            return fd;
    }
    return -1;
}

/* A list with colons; LD_LIBRARY_PATH may have semicolons as well. */
static int try_dirs(struct lookup *l, const char *list, const struct object *of)
{
    struct span rest = span_of(list);
    int fd = -1;
    for (int i = 0; fd < 0 && rest.at && i < DIRS_MOST; i++) {
        size_t len = strcspn(rest.at, ":;");
        fd = try_dir(l, span_make(rest.at, len), of);
        rest = rest.at[len] ? span_of(rest.at + len + 1) : span_make(NULL, 0);
    }
    return fd;
}

/* --- the order of the places --------------------------------------------------------------- */

/* A DT_RPATH counts for what its object's libraries need as well, unless the one that needs has a
 * DT_RUNPATH. */
static int try_rpaths(struct lookup *l, const struct objects *s, size_t by)
{
    if (l->by->runpath)
        return -1;
    for (size_t i = by;; i = s->at[i]->parent) {
        const struct object *o = s->at[i];
        int fd = o->rpath && !o->runpath ? try_dirs(l, o->rpath, o) : -1;
        if (fd >= 0 || o->parent >= i)
            return fd;
    }
}

static int try_cache(struct lookup *l, const struct objects *s)
{
    const char *path;
    for (size_t at = 0; (path = cache_next(&s->cache, l->name, &at));) {
        if (snprintf(l->path, LIMIT_PATH, "%s", path) >= LIMIT_PATH)
            continue;
        int fd = try_path(l);
        if (fd >= 0)
            return fd;
    }
    return -1;
}

static int try_usual(struct lookup *l)
{
    static const char *const dirs[] = { "/$LIB", "/usr/$LIB", "/lib", "/usr/lib" };
    int fd = -1;
    for (size_t i = 0; fd < 0 && i < sizeof dirs / sizeof *dirs; i++)
        fd = try_dir(l, span_of(dirs[i]), l->by);
    return fd;
}

static int search(struct lookup *l, const struct objects *s, size_t by)
{
    if (strchr(l->name, '/'))
        return try_dir(l, span_make("", 0), l->by);
    int fd = try_rpaths(l, s, by);
    if (fd < 0 && s->library_path && *s->library_path)
        fd = try_dirs(l, s->library_path, l->program);
    if (fd < 0 && l->by->runpath)
        fd = try_dirs(l, l->by->runpath, l->by);
    if (fd < 0 && !l->by->no_default_path)
        fd = try_cache(l, s);
    if (fd < 0 && !l->by->no_default_path)
        fd = try_usual(l);
    return fd;
}

int library_find(const struct objects *s, size_t by, const char *name, char *path)
{
    struct lookup l = { .by = s->at[by], .program = s->at[0], .name = name, .path = path };
    int fd = search(&l, s, by);
    if (fd < 0)
        errno = l.refused ? EACCES : ENOENT;
    return fd;
}
