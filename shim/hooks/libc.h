/* The real functions of libc behind our hooks, by name: REAL(write)(fd, data, len). They are found
 * at start; a hook that is called before that finds its own. What this libc does not have fails
 * with ENOSYS. */
#ifndef BELLHOP_HOOKS_LIBC_H
#define BELLHOP_HOOKS_LIBC_H

#include <stdatomic.h>

#include "hooks/libc_abi.h"

#define HOOK_curl(name)
#define HOOK_openssl(name)
#define HOOK_gnutls(name)
#define HOOK_alias(name)
#define HOOK_dl(name)         REAL_##name,
#define HOOK_send(name)       REAL_##name,
#define HOOK_receive(name)    REAL_##name,
#define HOOK_connection(name) REAL_##name,
#define HOOK_wait(name)       REAL_##name,
#define HOOK_process(name)    REAL_##name,
#define HOOK_fd(name)         REAL_##name,
#define HOOK_make(name)       REAL_##name,
#define HOOK(family, name)    HOOK_##family(name)
enum libc_function {
#include "hooks/hooks.def"
    LIBC_FUNCTIONS
};
#undef HOOK

extern _Atomic(void *) libc_table[LIBC_FUNCTIONS];

/* Async-signal-safe, but in a libc whose symbols cannot be searched (see symbols.h). */
void *libc_find(enum libc_function which);

static inline void *libc_get(enum libc_function which)
{
    void *found = atomic_load_explicit(&libc_table[which], memory_order_relaxed);
    return __builtin_expect(found != NULL, 1) ? found : libc_find(which);
}

#define REAL(name) ((__typeof__(name) *)libc_get(REAL_##name))

#endif
