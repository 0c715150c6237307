#include "base/attachment.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/hot.h"
#include "base/reserve.h"

HOT _Atomic(struct attachment *) attachment_page;
atomic_bool attachment_confined;

struct attachment *attachment_make(void)
{
    struct attachment *made = attachment_now();
    int saved = errno;
    if (made)
        return made;
    made = reserve(sizeof *made);
    if (made && syscall(SYS_madvise, made, sizeof *made, MADV_WIPEONFORK) != 0) {
        syscall(SYS_munmap, made, sizeof *made);
        made = NULL;
    }
    if (made)
        atomic_store_explicit(&attachment_page, made, memory_order_release);
    errno = saved;
    return made;
}
