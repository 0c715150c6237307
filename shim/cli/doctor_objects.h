/* A program and the libraries that it needs, found as the dynamic loader finds them, but by reading
 * alone: nothing is run. */
#ifndef BELLHOP_CLI_DOCTOR_OBJECTS_H
#define BELLHOP_CLI_DOCTOR_OBJECTS_H

#include "cli/doctor_cache.h"
#include "cli/doctor_object.h"

enum { OBJECTS_MOST = 2048 };

struct objects {
    struct object **at; /* the program is the first one */
    size_t count;
    const char *library_path; /* LD_LIBRARY_PATH, or NULL */
    struct cache cache;
    bool is_cut; /* there were more than OBJECTS_MOST, or no memory for them */
};

/* An empty set; `library_path` must stay. */
void objects_init(struct objects *s, const char *library_path);
void objects_free(struct objects *s);

/* Reads a file into the set. `fd` is closed; -1: the file cannot be opened, and errno says why. The
 * object is the set's; NULL: the set is full. */
struct object *objects_add(struct objects *s, const char *name, const char *path, int fd,
                           size_t parent);

/* Adds what the objects of the set need, and what those need. */
void objects_close(struct objects *s);

/* Which object answers to a name of a library; s->count: none. */
size_t objects_find(const struct objects *s, const char *name);

#endif
