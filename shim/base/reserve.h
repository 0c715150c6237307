/* Address space that costs nothing until it is touched, and is never given back. Zeroed. Only for
 * start-up and for hooks that never run in a signal handler. NULL: none to be had, or too much of
 * what a limited address space (ulimit -v) has. */
#ifndef BELLHOP_BASE_RESERVE_H
#define BELLHOP_BASE_RESERVE_H

#include <stddef.h>

void *reserve(size_t bytes);

#endif
