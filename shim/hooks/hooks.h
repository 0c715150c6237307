/* What the hooks share, and what the composition root tells them. */
#ifndef BELLHOP_HOOKS_HOOKS_H
#define BELLHOP_HOOKS_HOOKS_H

#include <stdatomic.h>

#include "context/process.h"

struct policy;
struct token_verifier;

/* True once start-up is over and there is something that can be carried. One load. */
static inline bool hooks_ready(void)
{
    return __builtin_expect(atomic_load_explicit(&process_carries, memory_order_acquire), 0);
}

/* What a program gets that asks for `name` in a copy of libcurl of which there are more in the
 * process: an entry of our own for that copy, or NULL: the definition itself. */
void *hooks_second_curl(const char *name, const void *definition);

/* Reads a settings file with libbellhop-settings.so, which stands beside the shim and is gone again
 * when this returns. Faults go to the log. NULL: there are settings but they cannot be used. */
struct policy *hooks_load_settings(const char *file);

/* Loads libbellhop-token.so, for good. NULL: it cannot be. */
const struct token_verifier *hooks_load_verifier(void);

#endif
