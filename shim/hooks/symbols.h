/* The next definition of a function behind the shim, found without libc's help: it takes no lock
 * and allocates nothing, so that a hook can look up its real function whenever it is first called,
 * be it in a signal handler, and a program pays for no function that it does not use. */
#ifndef BELLHOP_HOOKS_SYMBOLS_H
#define BELLHOP_HOOKS_SYMBOLS_H

#include <stdbool.h>

struct link_map;

/* Notes where the search starts. Once, at start. */
void symbols_start(void);

/* What the shim itself exports under this name; NULL: nothing. */
void *symbols_own(const char *name);

/* The default version of `name` in the first object behind ours that defines it, libc being the
 * last one looked at; NULL: not found in this way. */
void *symbols_next(const char *name);

/* The default version of `name` in the object that holds `address`, or else in what that needs,
 * breadth first. Takes the lock of the list of objects, so it is not for signal handlers; but
 * unlike dlopen and dlsym on a handle it can never run a constructor, which they do while a process
 * ends. */
void *symbols_from(const void *address, const char *name);

/* The loaded object that holds `address`, for as long as it is loaded; NULL: none. Takes that lock,
 * too. */
const struct link_map *symbols_object(const void *address);

/* True if what is defined there as `name` has no version. */
bool symbols_is_unversioned(const void *definition, const char *name);

#endif
