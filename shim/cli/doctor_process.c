#include "cli/doctor_process.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* An environment is at most this large (MAX_ARG_STRLEN times a few), and an auxv a page. */
enum { PROC_MOST = 1 << 22 };

static const char shim_name[] = "libbellhop.so";
static const char deleted_mark[] = " (deleted)";

static void name_of(char *out, size_t max, pid_t pid, const char *what)
{
    snprintf(out, max, "/proc/%d/%s", (int)pid, what);
}

/* The whole file, with a NUL behind it; the caller frees. NULL: errno says why. */
static char *slurp(pid_t pid, const char *what, size_t *len)
{
    char path[64];
    size_t size = 4096, have = 0;
    name_of(path, sizeof path, pid, what);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    char *text = malloc(size + 1), *more = text;
    ssize_t got = 0;
    while (more && (got = read(fd, text + have, size - have)) > 0 && size < PROC_MOST) {
        have += (size_t)got;
        if (have == size && (more = realloc(text, 2 * size + 1))) {
            text = more;
            size *= 2;
        }
    }
    int err = got < 0 ? errno : 0;
    close(fd);
    if (err || !text) {
        free(text);
        errno = err ? err : ENOMEM;
        return NULL;
    }
    text[have] = 0;
    *len = have;
    return text;
}

/* --- what /proc says ----------------------------------------------------------------------- */

static unsigned long long status_field(const char *status, const char *name, int base,
                                       unsigned long long otherwise)
{
    const char *at = strstr(status, name);
    return at ? strtoull(at + strlen(name), NULL, base) : otherwise;
}

static bool read_status(struct process *p)
{
    size_t len;
    char *status = slurp(p->pid, "status", &len);
    if (!status)
        return false;
    p->uid = (unsigned)status_field(status, "\nUid:", 10, 0);
    p->seccomp = (int)status_field(status, "\nSeccomp:", 10, (unsigned long long)-1);
    p->no_new_privs = status_field(status, "\nNoNewPrivs:", 10, 0);
    p->capabilities = status_field(status, "\nCapEff:", 16, 0);
    free(status);
    return true;
}

static enum known known_of(bool what)
{
    return what ? YES : NO;
}

/* The variable's value at the start of the process, or NULL. */
static const char *variable(const char *block, size_t len, const char *name)
{
    size_t name_len = strlen(name);
    for (size_t at = 0; at < len; at += strlen(block + at) + 1)
        if (strncmp(block + at, name, name_len) == 0 && block[at + name_len] == '=')
            return block + at + name_len + 1;
    return NULL;
}

static void read_environment(struct process *p)
{
    size_t len;
    char *block = slurp(p->pid, "environ", &len);
    if (!block)
        return;
    const char *preload = variable(block, len, "LD_PRELOAD");
    const char *disabled = variable(block, len, "BELLHOP_DISABLED");
    p->asked = known_of(preload && strstr(preload, shim_name));
    p->disabled = known_of(disabled && strcasecmp(disabled, "true") == 0);
    p->baggage = known_of(variable(block, len, "BAGGAGE"));
    p->config = known_of(variable(block, len, "BELLHOP_CONFIG"));
    free(block);
}

/* Pairs of words of this machine's size; a 32-bit process has smaller ones, and stays unknown. */
static void read_auxv(struct process *p)
{
    size_t len;
    char *block = slurp(p->pid, "auxv", &len);
    unsigned long pair[2];
    for (size_t at = 0; block && at + sizeof pair <= len; at += sizeof pair) {
        memcpy(pair, block + at, sizeof pair);
        if (pair[0] == AT_SECURE)
            p->secure = known_of(pair[1]);
    }
    free(block);
}

static void read_namespace(struct process *p)
{
    char path[64];
    struct stat theirs, ours;
    name_of(path, sizeof path, p->pid, "ns/mnt");
    if (stat(path, &theirs) == 0 && stat("/proc/self/ns/mnt", &ours) == 0)
        p->other_root = known_of(theirs.st_ino != ours.st_ino || theirs.st_dev != ours.st_dev);
}

static void explain(struct process *p, int err)
{
    if (err == EACCES || err == EPERM)
        snprintf(
            p->fault, sizeof p->fault,
            "process %d belongs to user %u, and may not be looked at from here: run this as that "
            "user, or as root where the process was started",
            (int)p->pid, p->uid);
    else if (err == ENOENT)
        snprintf(p->fault, sizeof p->fault,
                 "process %d has no program: it is a thread of the kernel, or has ended",
                 (int)p->pid);
    else
        snprintf(p->fault, sizeof p->fault, "process %d cannot be looked at: %s", (int)p->pid,
                 strerror(err));
}

bool process_read(struct process *p, pid_t pid)
{
    char path[64];
    memset(p, 0, sizeof *p);
    p->pid = pid;
    if (!read_status(p)) {
        snprintf(p->fault, sizeof p->fault, "there is no process %d", (int)pid);
        return false;
    }
    name_of(path, sizeof path, pid, "exe");
    ssize_t len = readlink(path, p->exe, sizeof p->exe - 1);
    if (len < 0) {
        explain(p, errno);
        return false;
    }
    p->exe[len] = 0;
    read_environment(p);
    read_auxv(p);
    read_namespace(p);
    return true;
}

/* --- what is mapped ------------------------------------------------------------------------ */

struct mapping {
    char range[64]; /* "START-END", as in map_files */
    const char *path;
    bool is_deleted;
};

/* "START-END PERMS OFFSET DEV INODE   PATH"; false: no file. */
static bool mapping_parse(struct mapping *m, char *line)
{
    char *at = line;
    for (int field = 0; field < 5; field++) {
        at += strcspn(at, " ");
        if (field == 0)
            snprintf(m->range, sizeof m->range, "%.*s", (int)(at - line), line);
        at += strspn(at, " ");
    }
    m->path = at;
    if (*at != '/' || strncmp(at, "/dev/", 5) == 0 || strncmp(at, "/SYSV", 5) == 0)
        return false;
    size_t len = strlen(at), mark = sizeof deleted_mark - 1;
    m->is_deleted = len > mark && strcmp(at + len - mark, deleted_mark) == 0;
    if (m->is_deleted)
        at[len - mark] = 0;
    return true;
}

/* The very file that is mapped, as long as one may; else the one of that name in its root. */
static int open_mapping(const struct process *p, const struct mapping *m)
{
    char path[LIMIT_PATH + 64];
    char magic[4] = "";
    snprintf(path, sizeof path, "/proc/%d/map_files/%s", (int)p->pid, m->range);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && !m->is_deleted) {
        snprintf(path, sizeof path, "/proc/%d/root%s", (int)p->pid, m->path);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }
    if (fd >= 0 && (pread(fd, magic, sizeof magic, 0) != sizeof magic ||
                    memcmp(magic, ELFMAG, SELFMAG) != 0)) {
        close(fd);
        errno = ENOEXEC; /* data */
        return -1;
    }
    return fd;
}

static void add_mapping(struct process *p, struct objects *s, const struct mapping *m)
{
    if (objects_find(s, m->path) < s->count)
        return;
    int fd = open_mapping(p, m);
    if (fd < 0 && errno == ENOEXEC)
        return;
    /* A file that went away and cannot be read may have been data: only libraries are told of. */
    if (fd < 0 && !strstr(m->path, ".so"))
        return;
    struct object *o = objects_add(s, m->path, m->path, fd, 0);
    if (!o)
        return;
    o->is_deleted = m->is_deleted;
    p->deleted += m->is_deleted;
    if (strcmp(object_name(o), shim_name) == 0)
        p->preloaded = YES;
}

static void add_program(struct process *p, struct objects *s)
{
    char path[64];
    size_t len = strlen(p->exe), mark = sizeof deleted_mark - 1;
    bool is_deleted = len > mark && strcmp(p->exe + len - mark, deleted_mark) == 0;
    if (is_deleted)
        p->exe[len - mark] = 0;
    name_of(path, sizeof path, p->pid, "exe");
    struct object *o = objects_add(s, p->exe, p->exe, open(path, O_RDONLY | O_CLOEXEC), 0);
    if (o)
        o->is_deleted = is_deleted;
    p->deleted += is_deleted;
}

/* Who needs whom: each object is known, and has its parent, once. */
struct family {
    const struct objects *set;
    bool *is_known;
    size_t *queue;
    size_t queued, done;
};

static void adopt(struct family *f, size_t i, size_t parent, bool at_run_time)
{
    if (i == f->set->count || f->is_known[i])
        return;
    f->is_known[i] = true;
    f->set->at[i]->parent = parent;
    f->set->at[i]->at_run_time = at_run_time;
    f->queue[f->queued++] = i;
}

static void adopt_all(struct family *f, size_t root, bool at_run_time)
{
    adopt(f, root, 0, at_run_time);
    while (f->done < f->queued) {
        size_t i = f->queue[f->done++];
        const struct object *o = f->set->at[i];
        for (size_t k = 0; k < o->needed_count; k++)
            adopt(f, objects_find(f->set, o->needed[k]), i, at_run_time);
    }
}

/* What nothing needs, not even what was loaded at run time, the program has loaded by itself. */
static void find_parents(const struct objects *s)
{
    bool *is_needed = calloc(s->count + 1, sizeof *is_needed);
    struct family f = { .set = s,
                        .is_known = calloc(s->count, sizeof *f.is_known),
                        .queue = calloc(s->count, sizeof *f.queue) };
    if (is_needed && f.is_known && f.queue) {
        adopt_all(&f, 0, false);
        for (size_t i = 1; i < s->count; i++)
            for (size_t k = 0; k < s->at[i]->needed_count; k++)
                is_needed[objects_find(s, s->at[i]->needed[k])] = true;
        for (size_t i = 1; i < s->count; i++)
            if (!is_needed[i])
                adopt_all(&f, i, true);
        for (size_t i = 1; i < s->count; i++) /* a circle */
            adopt_all(&f, i, true);
    }
    free(is_needed);
    free(f.is_known);
    free(f.queue);
}

bool process_objects(struct process *p, struct objects *s)
{
    size_t len;
    add_program(p, s);
    char *maps = slurp(p->pid, "maps", &len), *rest = maps;
    if (!maps || !s->count) {
        free(maps);
        return false;
    }
    p->preloaded = NO;
    for (char *line; (line = strsep(&rest, "\n"));) {
        struct mapping m;
        if (mapping_parse(&m, line))
            add_mapping(p, s, &m);
    }
    free(maps);
    find_parents(s);
    return true;
}
