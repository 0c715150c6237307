#include "base/fdtable.h"

#include "base/hot.h"

fd_slot fdtable[FD_MAX];

HOT atomic_uint fdtable_end;

atomic_uint fdtable_limit = 8192;

void fdtable_expect(size_t limit)
{
    unsigned now = atomic_load(&fdtable_limit), want = limit < FD_MAX ? (unsigned)limit : FD_MAX;
    while (now < want && !atomic_compare_exchange_weak(&fdtable_limit, &now, want))
        ;
}
