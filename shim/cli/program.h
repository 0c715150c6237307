/* What happens to a preloaded library when a program is run: which file it is, what the kernel and
 * the dynamic loader will do with it. */
#ifndef BELLHOP_CLI_PROGRAM_H
#define BELLHOP_CLI_PROGRAM_H

#include "base/limits.h"
#include "base/span.h"

enum program_fault {
    PROGRAM_OK,
    PROGRAM_MISSING,    /* no such file: exit 127 */
    PROGRAM_CANNOT_RUN, /* there, but not executable: exit 126 */
    PROGRAM_NO_PRELOAD, /* would run, without the shim */
};

struct program {
    enum program_fault fault;
    char path[LIMIT_PATH];          /* the file that execve is given */
    char image[LIMIT_PATH];         /* the file that runs, behind all scripts; "": none was found */
    char argument[256];             /* what the last script's first line gives its interpreter */
    char why[2 * LIMIT_PATH + 256]; /* one clause, where there is a fault */
};

/* Finds `name` as execvp does and looks at it, at the interpreters of scripts, and at the loaders
 * of those, with the eyes of one who preloads `shim`. Nothing is run. */
void program_examine(struct program *p, const char *name, const char *shim);

#endif
