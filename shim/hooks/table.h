/* The hooks of optional libraries as data, out of hooks.def. */
#ifndef BELLHOP_HOOKS_TABLE_H
#define BELLHOP_HOOKS_TABLE_H

enum hook_family {
    FAMILY_alias, /* of another one of libc */
    FAMILY_dl,
    FAMILY_send,
    FAMILY_receive,
    FAMILY_connection,
    FAMILY_wait,
    FAMILY_process,
    FAMILY_fd,
    FAMILY_make,
    FAMILY_curl,
    FAMILY_openssl,
    FAMILY_gnutls,
    HOOK_FAMILIES
};

struct hook {
    char name[36];
    enum hook_family family;
};

/* How the base names of an optional library's objects begin. */
const char *hook_library(enum hook_family family);

/* Which kind of object defines an optional hook: a family may be spread over two (libssl,
 * libcrypto). Below HOOK_LIBRARIES. */
#define HOOK_LIBRARIES (2 * HOOK_FAMILIES)
unsigned hook_object(const struct hook *hook);

/* The hook of this name if it stands before an optional library; else NULL. */
const struct hook *hook_optional(const char *name);

#endif
