/* Where the dynamic loader looks for a library. */
#ifndef BELLHOP_CLI_DOCTOR_SEARCH_H
#define BELLHOP_CLI_DOCTOR_SEARCH_H

#include "cli/doctor_objects.h"

/* Finds the library `name` that s->at[by] needs: as a path if it is one; else by DT_RPATH of it and
 * of those that need it, LD_LIBRARY_PATH, DT_RUNPATH, the cache, the usual folders, skipping what
 * is for another machine. Returns it opened, with its path in `path` of LIMIT_PATH bytes; -1: it is
 * nowhere, or (errno is EACCES) where it is it may not be read. */
int library_find(const struct objects *s, size_t by, const char *name, char *path);

#endif
