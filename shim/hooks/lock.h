/* A lock for hooks of calls that libc itself locks. It knows which process took it: a child of fork
 * does not wait for a thread that it does not have. Not for signal handlers, nor vfork children. */
#ifndef BELLHOP_HOOKS_LOCK_H
#define BELLHOP_HOOKS_LOCK_H

#include <stdatomic.h>

/* 0: free; else the process of the holder, with LOCK_AWAITED if somebody sleeps. */
struct lock {
    atomic_uint word;
};

#define LOCK_AWAITED 0x80000000u

/* Both keep errno. */
void lock_take(struct lock *lock);
void lock_give(struct lock *lock);

#endif
