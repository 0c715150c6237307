/* Rights that a file gives whoever runs it; with them the loader ignores LD_PRELOAD. */
#ifndef BELLHOP_CLI_DOCTOR_RIGHTS_H
#define BELLHOP_CLI_DOCTOR_RIGHTS_H

#include <stdbool.h>

struct rights {
    char setuid[64], setgid[64]; /* whose, by name or number; "": the file has no such bit */
    char capabilities[32];       /* the set that it gives, in hexadecimal; "": none */
    bool is_ignored;             /* the file system is mounted without them (nosuid) */
};

/* Looks at a file; all empty if it is not there. */
void rights_read(struct rights *r, const char *path);

/* True if somebody gains something by running the file. */
bool rights_any(const struct rights *r);

#endif
