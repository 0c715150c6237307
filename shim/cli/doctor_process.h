/* A process that runs, as /proc shows it. */
#ifndef BELLHOP_CLI_DOCTOR_PROCESS_H
#define BELLHOP_CLI_DOCTOR_PROCESS_H

#include <sys/types.h>

#include "base/limits.h"
#include "cli/doctor_objects.h"

/* What /proc says, or that it may not be read. */
enum known { UNKNOWN, NO, YES };

struct process {
    pid_t pid;
    char exe[LIMIT_PATH]; /* "": unknown */
    char fault[160];      /* why nothing can be said of it; "" if something can */
    unsigned uid;
    int seccomp; /* -1: unknown; 0, 1 strict, 2 filters */
    bool no_new_privs;
    unsigned long long capabilities; /* effective */
    enum known secure;               /* AT_SECURE: LD_PRELOAD was ignored */
    enum known preloaded;            /* the shim is mapped */
    enum known asked;                /* LD_PRELOAD names it */
    enum known disabled;             /* BELLHOP_DISABLED=true */
    enum known baggage;              /* BAGGAGE is set */
    enum known config;               /* BELLHOP_CONFIG is set */
    enum known other_root;           /* it has another mount namespace: a container */
    size_t deleted;                  /* mapped objects that were replaced on disk */
};

/* Reads what may be read of it. False: nothing, and `fault` says why. */
bool process_read(struct process *p, pid_t pid);

/* Adds its program and everything else that is mapped there to the set. False: the maps may not be
 * read. */
bool process_objects(struct process *p, struct objects *s);

#endif
