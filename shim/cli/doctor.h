/* What `bellhop doctor` finds out, in the order in which it does. */
#ifndef BELLHOP_CLI_DOCTOR_H
#define BELLHOP_CLI_DOCTOR_H

#include "cli/doctor_lines.h"
#include "cli/doctor_objects.h"
#include "cli/doctor_process.h"
#include "cli/doctor_rights.h"
#include "cli/program.h"

/* What it ends with: how much is reached. EXIT_USAGE is between. */
enum reach { REACH_ALL = 0, REACH_PART = 1, REACH_NOTHING = 3, REACH_UNKNOWN = 4 };

struct report {
    const char *asked;      /* the program's name on the command line; NULL: a process */
    struct program program; /* how it would be run, and whether with the shim */
    struct lines through;   /* the scripts before it */
    struct rights rights;
    struct objects objects; /* the program's file is the first */
    struct process process; /* where one was asked for */

    struct lines carried, lost, todo, notes;
    enum reach reach;
};

/* Adds what a runtime loads by itself (Python's _ssl ...), as far as it can be found beside it. */
void runtime_modules(struct objects *s);

/* Notes about a program that runs others, by its name; `scripts` that it reads may say which. */
void wrapper_notes(struct lines *notes, const char *path, const struct lines *scripts);

/* True for libc's own parts, the loader, and bellhop: what they call is not looked at. */
bool object_is_base(const struct object *o);

/* Who sends in a way: the names of objects. Returns false if nobody does. The caller frees. */
bool way_users(const struct objects *s, enum way way, struct lines *out);

/* The library that defines a way's functions, or NULL. */
const struct object *way_provider(const struct objects *s, enum way way);

/* The most that any object tells of a mark, and the names of those that have it (NULL: not asked
 * for). The caller frees them. */
enum evidence mark_evidence(const struct objects *s, size_t mark, struct lines *in);

/* Turns what was found into sentences, and into how much is reached. */
void verdict_make(struct report *r);

/* The report on standard output, for people and for programs. */
void report_print(const struct report *r);
void report_print_json(const struct report *r);

#endif
