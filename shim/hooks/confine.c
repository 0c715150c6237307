/* prctl: a process that is about to confine itself to some system calls is left alone from then on
 * (P4). Who installs a seccomp filter, by prctl or by a system call of its own, gives up new
 * privileges by prctl before, unless it is root. */
#include <stdarg.h>
#include <sys/prctl.h>

#include "control/attach.h"
#include "hooks/libc.h"
#include "hooks/real.h"
#include "hooks/vfork.h"

EXPORT int prctl(int option, ...)
{
    va_list args;
    unsigned long a[4];
    va_start(args, option);
    for (int i = 0; i < 4; i++)
        a[i] = va_arg(args, unsigned long);
    va_end(args);
    if ((option == PR_SET_NO_NEW_PRIVS || option == PR_SET_SECCOMP) && !hooks_vforked)
        control_confine(); /* before other threads are under the filter */
    return REAL(prctl)(option, a[0], a[1], a[2], a[3]);
}
