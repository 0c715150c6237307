/* The next definition of a function behind the shim, found without libc's help: it takes no lock and
 * allocates nothing, so that a hook can look up its real function whenever it is first called, be it in
 * a signal handler, and a program pays for no function that it does not use. */
#ifndef BELLHOP_HOOKS_SYMBOLS_H
#define BELLHOP_HOOKS_SYMBOLS_H

/* Notes where the search starts. Once, at start. */
void symbols_start(void);

/* The default version of `name` in the first object behind ours that defines it, libc being the last
 * one looked at; NULL: not found in this way. */
void *symbols_next(const char *name);

#endif
