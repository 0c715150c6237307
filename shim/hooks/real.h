/* The real functions behind the hooks: of libc through the next object in the global scope, of
 * optional libraries through the caller or the loaded objects (DESIGN.md 3). */
#ifndef BELLHOP_HOOKS_REAL_H
#define BELLHOP_HOOKS_REAL_H

#include <stdbool.h>
#include <stddef.h>

#define EXPORT __attribute__((visibility("default")))

/* Where the calling hook will return to: an address in the object that called it. */
#define CALLER() __builtin_extract_return_addr(__builtin_return_address(0))

typedef void *dlsym_fn(void *handle, const char *name);
typedef void *dlopen_fn(const char *file, int mode);

/* libc's own, as dlsym and dlopen are hooks of ours by name. NULL: not to be found. */
dlsym_fn *real_dlsym(void);
dlopen_fn *real_dlopen(void);

/* The next definition of `name` after ours in the global scope, or NULL. May lock and allocate: not
 * for hooks that may run in a signal handler, which find theirs at start. */
void *real_next(const char *name);

/* The definition of `name` in an optional library that a call from the address `caller` would reach
 * without us: by what the caller's object defines or needs, then the global scope, then the only
 * library of its family that is loaded. NULL: there is none, or several could be meant. */
void *real_for(const void *caller, const char *name);

/* `name` as defined by the object that holds `definition`, or one that it needs; NULL: it is not.
 */
void *real_beside(const void *definition, const char *name);

/* True if calls of the hook `name` by callers that tell nothing (foreign function interfaces) would
 * reach the library of this definition: it is the only one of its family. Then it is remembered,
 * for the time when there are more. */
bool real_adopt(const void *definition, const char *name);

/* The hook of an optional library, or NULL: `name` is none. Such a hook may have no real function.
 */
void *real_optional_hook(const char *name);

/* Changes whenever an object may have gone, so that what was found before must be found again. */
unsigned real_generation(void);
void real_generation_end(void);

/* True if both addresses are in one object. */
bool real_same_object(const void *a, const void *b);

/* True if the address is in the shim. */
bool real_is_ours(const void *address);

#endif
