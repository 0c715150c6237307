#include "hooks/libc.h"

#include <errno.h>

#include "base/hot.h"
#include "hooks/real.h"
#include "hooks/symbols.h"

HOT _Atomic(void *) libc_table[LIBC_FUNCTIONS];

#undef HOOK_dl
#undef HOOK_send
#undef HOOK_receive
#undef HOOK_connection
#undef HOOK_wait
#undef HOOK_process
#undef HOOK_fd
#undef HOOK_make
#define HOOK_dl(name)         [REAL_##name] = #name,
#define HOOK_send(name)       [REAL_##name] = #name,
#define HOOK_receive(name)    [REAL_##name] = #name,
#define HOOK_connection(name) [REAL_##name] = #name,
#define HOOK_wait(name)       [REAL_##name] = #name,
#define HOOK_process(name)    [REAL_##name] = #name,
#define HOOK_fd(name)         [REAL_##name] = #name,
#define HOOK_make(name)       [REAL_##name] = #name,
#define HOOK(family, name)    HOOK_##family(name)
/* No pointers: each would be relocated at every start. */
static const char names[][20] = {
#include "hooks/hooks.def"
};

/* For functions that this libc has not; the caller gets what an old kernel would answer. */
static long missing(void)
{
    errno = ENOSYS;
    return -1;
}

void *libc_find(enum libc_function which)
{
    void *found = symbols_next(names[which]);
    if (!found)
        found = real_next(names[which]);
    if (!found)
        found = (void *)(uintptr_t)missing;
    atomic_store_explicit(&libc_table[which], found, memory_order_relaxed);
    return found;
}
