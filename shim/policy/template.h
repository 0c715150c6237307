/* Values that stand for something of the program that a policy is for: ${NAME}, ${NAME:-DEFAULT},
 * ${hostname}, ${pid} and ${exe}; $${ is a plain ${. Nothing here allocates or makes a system call.
 */
#ifndef BELLHOP_POLICY_TEMPLATE_H
#define BELLHOP_POLICY_TEMPLATE_H

#include "base/buf.h"

/* The program, as far as policies ask. All of it is the maker's. */
struct surroundings {
    struct span exe;       /* its path */
    struct span arguments; /* as policy_arguments joins them */
    struct span hostname;
    unsigned long pid;
    char *const *environment; /* "NAME=value", then NULL; or NULL */
};

/* The arguments of a program as patterns are for them: joined by spaces, as many as there is room
 * for (POLICY_ARGUMENTS is enough). `argv` ends in NULL, or is NULL. */
enum { POLICY_ARGUMENTS = 512 };
void policy_arguments(char *const argv[], struct buf *out);

/* Replaces all of them in `text`. `s` NULL: by nothing, to see whether the text is right. Unless
 * DONE or LONG, *name is the one that cannot be replaced: there is no such variable, or it is none.
 */
enum expansion { EXPAND_DONE, EXPAND_UNSET, EXPAND_WRONG, EXPAND_LONG };
enum expansion template_expand(struct span text, const struct surroundings *s, struct buf *out,
                               struct span *name);

/* True if there is something to replace. */
bool template_is_one(struct span text);

#endif
