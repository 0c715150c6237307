/* Where the shim is, and how it comes into LD_PRELOAD. */
#ifndef BELLHOP_CLI_PRELOAD_H
#define BELLHOP_CLI_PRELOAD_H

#include <stdbool.h>
#include <stddef.h>

/* The path of libbellhop.so: beside the command (a build tree), or in ../lib/bellhop (installed).
 * False: an error that was said. */
bool preload_find(char *path, size_t max);

/* Sets LD_PRELOAD to `shim` and what was there before; another entry for a libbellhop.so goes away.
 * False: an error that was said. */
bool preload_set(const char *shim);

/* The same for another file of the installation. */
bool beside_find(const char *name, char *path, size_t max);

#endif
