#include "cli/doctor_objects.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/doctor_search.h"

void objects_init(struct objects *s, const char *library_path)
{
    memset(s, 0, sizeof *s);
    s->library_path = library_path;
    cache_load(&s->cache, "/etc/ld.so.cache");
}

void objects_free(struct objects *s)
{
    for (size_t i = 0; i < s->count; i++) {
        object_free(s->at[i]);
        free(s->at[i]);
    }
    free(s->at);
    cache_free(&s->cache);
}

static struct object *append(struct objects *s)
{
    struct object **more = NULL;
    struct object *o = s->count < OBJECTS_MOST ? calloc(1, sizeof *o) : NULL;
    if (o)
        more = realloc(s->at, (s->count + 1) * sizeof *more);
    if (!more) {
        free(o);
        s->is_cut = true;
        return NULL;
    }
    s->at = more;
    s->at[s->count++] = o;
    return o;
}

struct object *objects_add(struct objects *s, const char *name, const char *path, int fd,
                           size_t parent)
{
    int err = errno;
    struct object *o = append(s);
    if (!o) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    o->name = strdup(name);
    o->path = path ? strdup(path) : NULL;
    o->parent = parent;
    if (fd < 0) {
        o->state = err == EACCES || err == EPERM ? OBJECT_UNREADABLE : OBJECT_MISSING;
        marks_library(o->evidence, object_name(o));
        return o;
    }
    object_read(o, fd);
    object_mark(o, fd);
    close(fd);
    return o;
}

size_t objects_find(const struct objects *s, const char *name)
{
    size_t i = 0;
    for (; i < s->count; i++) {
        const struct object *o = s->at[i];
        if ((o->name && strcmp(o->name, name) == 0) || (o->soname && strcmp(o->soname, name) == 0))
            break;
    }
    return i;
}

static void add_needed(struct objects *s, size_t by, const char *name)
{
    char path[LIMIT_PATH];
    if (objects_find(s, name) < s->count)
        return;
    int fd = library_find(s, by, name, path);
    struct object *o = objects_add(s, name, fd < 0 ? NULL : path, fd, by);
    if (o)
        o->at_run_time = s->at[by]->at_run_time;
}

void objects_close(struct objects *s)
{
    /* The set grows meanwhile; each name is in it once, so it ends. */
    for (size_t i = 0; i < s->count; i++)
        for (size_t k = 0; !s->is_cut && k < s->at[i]->needed_count; k++)
            add_needed(s, i, s->at[i]->needed[k]);
}
