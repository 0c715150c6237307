#include "cli/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cli/elf_file.h"

/* The kernel follows scripts of scripts this far. */
enum { SCRIPTS = 4, SCRIPT_LINE = 256 };

__attribute__((format(printf, 3, 4))) static void fault(struct program *p, enum program_fault what,
                                                        const char *format, ...)
{
    va_list args;
    p->fault = what;
    va_start(args, format);
    vsnprintf(p->why, sizeof p->why, format, args);
    va_end(args);
}

/* --- the file ------------------------------------------------------------------------------ */

static bool can_execute(const char *path, int *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        *err = errno;
    else if (!S_ISREG(st.st_mode))
        *err = EACCES;
    else if (access(path, X_OK) == 0)
        return true;
    else
        *err = errno;
    return false;
}

/* As execvp: a file that may not be executed does not end the search, but decides what is said. */
static bool search_path(struct program *p, const char *name, int *err)
{
    const char *path = getenv("PATH");
    struct span rest = span_of(path ? path : "/bin:/usr/bin");
    bool refused = false;
    while (rest.at) {
        struct span dir = span_cut(rest, ':', &rest);
        int len = snprintf(p->path, sizeof p->path, "%.*s%s%s", (int)dir.len, dir.at ? dir.at : "",
                           dir.len ? "/" : "", name);
        if (len < 0 || (size_t)len >= sizeof p->path)
            continue;
        if (can_execute(p->path, err))
            return true;
        refused |= *err == EACCES;
    }
    *err = refused ? EACCES : ENOENT;
    return false;
}

static bool find(struct program *p, const char *name)
{
    int err = ENOENT;
    bool found = false;
    if (strchr(name, '/') && strlen(name) < sizeof p->path) {
        strcpy(p->path, name);
        found = can_execute(p->path, &err);
    } else if (*name && !strchr(name, '/')) {
        found = search_path(p, name, &err);
    }
    if (!found && (err == ENOENT || err == ENOTDIR))
        fault(p, PROGRAM_MISSING, "\"%s\" was not found", name);
    else if (!found)
        fault(p, PROGRAM_CANNOT_RUN, "\"%s\" cannot be executed: %s", name, strerror(err));
    return found;
}

/* --- privileges ---------------------------------------------------------------------------- */

static bool gains_capabilities(const char *path)
{
    char caps[64];
    return getuid() != 0 && getxattr(path, "security.capability", caps, sizeof caps) > 0;
}

/* The loader ignores LD_PRELOAD where the process gets rights that its caller does not have. The
 * kernel grants none on a nosuid mount, or after PR_SET_NO_NEW_PRIVS. */
static bool gains_privileges(struct program *p, const char *path)
{
    struct stat st;
    struct statvfs fs;
    if (stat(path, &st) != 0 || (statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOSUID)) ||
        prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
        return false;
    uid_t uid = st.st_mode & S_ISUID ? st.st_uid : geteuid();
    /* Without the group's execute bit, S_ISGID means mandatory locking. */
    bool setgid = (st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP);
    gid_t gid = setgid ? st.st_gid : getegid();
    const char *how = uid != getuid() ? "is setuid" : gid != getgid() ? "is setgid" : NULL;
    if (!how && gains_capabilities(path))
        how = "has file capabilities";
    if (how)
        fault(p, PROGRAM_NO_PRELOAD,
              "%s %s, so the loader ignores LD_PRELOAD; run it as the user whose rights it has",
              path, how);
    return how;
}

/* --- loaders ------------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_glibc_loader(const char *path)
{
    const char *name = base_name(path);
    return strncmp(name, "ld-linux", 8) == 0 || strncmp(name, "ld.so", 5) == 0 ||
           strncmp(name, "ld64.so", 7) == 0 || strncmp(name, "ld-lsb", 6) == 0 ||
           (strncmp(name, "ld-", 3) == 0 && name[3] >= '0' && name[3] <= '9');
}

static bool check_loader(struct program *p, const char *path, const char *loader)
{
    char real[PATH_MAX];
    if (!realpath(loader, real)) {
        fault(p, PROGRAM_CANNOT_RUN, "%s needs the loader \"%s\", which is not here: %s", path,
              loader, strerror(errno));
        return false;
    }
    /* Some systems put a symbolic link to another C library's loader where glibc's is looked for.
     */
    if (is_glibc_loader(real) || (is_glibc_loader(loader) && !strstr(base_name(real), "musl")))
        return true;
    fault(p, PROGRAM_NO_PRELOAD, "%s uses the loader %s: bellhop is built for glibc and its loader",
          path, loader);
    return false;
}

static const char *kind_of(const struct elf_file *e)
{
    return e->bits == 32 ? "a 32-bit program" : "a 64-bit program";
}

static bool read_elf(const char *path, struct elf_file *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && elf_read(fd, out);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool check_elf(struct program *p, const char *path, const struct elf_file *e,
                      const char *shim)
{
    struct elf_file ours;
    if (read_elf(shim, &ours) &&
        (ours.bits != e->bits || ours.order != e->order || ours.machine != e->machine)) {
        fault(p, PROGRAM_NO_PRELOAD,
              "%s is %s for machine type %u, and bellhop is built for %u bits and type %u", path,
              kind_of(e), e->machine, ours.bits, ours.machine);
        return false;
    }
    if (e->is_dynamic)
        return check_loader(p, path, e->loader);
    if (is_glibc_loader(path)) /* run as a command, it preloads as ever */
        return true;
    fault(p, PROGRAM_NO_PRELOAD,
          "%s is statically linked, so no library can be preloaded; use a dynamically linked build",
          path);
    return false;
}

/* --- scripts ------------------------------------------------------------------------------- */

/* The interpreter that a #! line names, or "" if it names none. False: no such line. */
static bool script_interpreter(struct program *p, const char *head, size_t len, char *out,
                               size_t max)
{
    if (!span_starts(span_make(head, len), SPAN("#!")))
        return false;
    struct span after;
    struct span line = span_trim(span_cut(span_make(head + 2, len - 2), '\n', &after));
    size_t end = 0;
    while (end < line.len && end < max - 1 && line.at[end] != ' ' && line.at[end] != '\t')
        end++;
    if (end)
        memcpy(out, line.at, end);
    out[end] = 0;
    struct span argument = span_trim(span_make(line.at + end, line.len - end));
    snprintf(p->argument, sizeof p->argument, "%.*s", (int)argument.len, argument.at);
    return true;
}

/* Damaged, or something like an object file. */
static bool is_other_elf(const char *head, ssize_t len)
{
    return len >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0;
}

/* One file of the chain. Returns true with the next one's name in `next`, which is "" at the end.
 */
static bool examine_file(struct program *p, const char *path, const char *shim, char *next,
                         size_t max)
{
    char head[SCRIPT_LINE];
    struct elf_file elf;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) { /* may be executed but not read: no script, and often setuid */
        snprintf(p->image, sizeof p->image, "%s", path);
        gains_privileges(p, path);
        return false;
    }
    bool is_elf = elf_read(fd, &elf);
    ssize_t len = pread(fd, head, sizeof head, 0);
    close(fd);
    *next = 0;
    if (is_elf) {
        snprintf(p->image, sizeof p->image, "%s", path);
        return !gains_privileges(p, path) && check_elf(p, path, &elf, shim);
    }
    if (is_other_elf(head, len)) {
        fault(p, PROGRAM_NO_PRELOAD, "%s is an ELF file, but no program that can be run", path);
        return false;
    }
    if (len > 0 && script_interpreter(p, head, (size_t)len, next, max)) {
        int err;
        if (*next && can_execute(next, &err))
            return true;
        fault(p, PROGRAM_CANNOT_RUN,
              "%s is a script, and its interpreter \"%s\" cannot be executed", path, next);
        return false;
    }
    if (len > 0 && memchr(head, 0, (size_t)len)) {
        fault(p, PROGRAM_NO_PRELOAD, "%s is neither a program of this system nor a script", path);
        return false;
    }
    snprintf(next, max, "/bin/sh"); /* execvp's way with a file that the kernel does not know */
    return true;
}

void program_examine(struct program *p, const char *name, const char *shim)
{
    char path[LIMIT_PATH], next[SCRIPT_LINE];
    memset(p, 0, sizeof *p);
    if (!find(p, name))
        return;
    memcpy(path, p->path, sizeof path);
    for (int i = 0; i <= SCRIPTS; i++) {
        if (!examine_file(p, path, shim, next, sizeof next) || !*next)
            return;
        snprintf(path, sizeof path, "%s", next);
    }
}
