/* vfork for machines that have no file of their own: as POSIX allows, it is fork. */
#ifndef __x86_64__

#include "hooks/libc_abi.h"
#include "hooks/real.h"
#include "hooks/vfork.h"

_Thread_local int hooks_vforked;

EXPORT pid_t vfork(void)
{
    return fork();
}

EXPORT pid_t __vfork(void) __attribute__((alias("vfork")));

#endif
