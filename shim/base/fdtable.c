#include "base/fdtable.h"

#include "base/hot.h"
#include "base/reserve.h"

/* Needs no reserve: it is there before start-up, and costs nothing until used. */
fd_slot fdtable_first[FD_PAGE];

HOT atomic_uint fdtable_end;

_Atomic(fd_slot *) fdtable_pages[FD_PAGES];

bool fdtable_reserve(size_t limit)
{
    size_t pages = (limit + FD_PAGE - 1) >> FD_PAGE_BITS, have = 1;
    if (pages > FD_PAGES)
        pages = FD_PAGES;
    while (have < pages && atomic_load(&fdtable_pages[have]))
        have++;
    if (have >= pages)
        return true;
    fd_slot *fresh = reserve((pages - have) * FD_PAGE * sizeof *fresh);
    if (!fresh)
        return false;
    for (size_t i = have; i < pages; i++, fresh += FD_PAGE) {
        fd_slot *none = NULL;
        atomic_compare_exchange_strong(&fdtable_pages[i], &none, fresh);
    }
    return true;
}
