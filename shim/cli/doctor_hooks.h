/* What the shim stands before, out of hooks.def, as one who looks at files from outside needs it.
 */
#ifndef BELLHOP_CLI_DOCTOR_HOOKS_H
#define BELLHOP_CLI_DOCTOR_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

enum {
#define HOOK(family, name) HOOK_##name,
#include "hooks/hooks.def"
#undef HOOK
    HOOKS
};

/* How requests leave a program, as far as hooks can meet them. */
enum way { WAY_NONE, WAY_SOCKETS, WAY_CURL, WAY_OPENSSL, WAY_GNUTLS, WAYS };

/* The hook of that name, or -1. */
int hook_find(const char *name);

const char *hook_name(int hook);

/* The family of a hook: below hook_families(). Another name of a hook is in that one's family. */
size_t hook_family(int hook);
size_t hook_families(void);

const char *family_name(size_t family);

/* What a family is about, in a word or two; its name, where nothing more is known of it. */
const char *family_title(size_t family);

/* True for families whose hooks only keep track of descriptors and libraries. */
bool family_is_helper(size_t family);

/* The way that the family's functions are; WAY_NONE: they do not send by themselves. */
enum way family_way(size_t family);

/* A word for --json, and how the names of the libraries begin that define a way's functions ("":
 * libc does). */
const char *way_id(enum way way);
const char *way_library(enum way way);

#endif
