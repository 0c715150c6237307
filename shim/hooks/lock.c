#include "hooks/lock.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_held_here(unsigned word, unsigned own)
{
    return (word & ~LOCK_AWAITED) == (own & ~LOCK_AWAITED);
}

void lock_take(struct lock *lock)
{
    int saved = errno;
    unsigned own = (unsigned)syscall(SYS_getpid), seen = 0;
    while (!atomic_compare_exchange_weak(&lock->word, &seen, own)) {
        if (!is_held_here(seen, own)) /* free, or of a thread that fork left behind */
            continue;
        if (seen & LOCK_AWAITED ||
            atomic_compare_exchange_strong(&lock->word, &seen, seen | LOCK_AWAITED))
            syscall(SYS_futex, &lock->word, FUTEX_WAIT_PRIVATE, seen | LOCK_AWAITED, NULL);
        own |= LOCK_AWAITED; /* there may be others who sleep */
        seen = 0;
    }
    errno = saved;
}

void lock_give(struct lock *lock)
{
    int saved = errno;
    if (atomic_exchange(&lock->word, 0) & LOCK_AWAITED)
        syscall(SYS_futex, &lock->word, FUTEX_WAKE_PRIVATE, 1);
    errno = saved;
}
