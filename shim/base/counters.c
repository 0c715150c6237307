#include "base/counters.h"

_Static_assert(COUNTERS <= COUNTERS_ROOM, "the page has no room for them");

struct counters counters_own;

uint64_t counter_read(enum counter which)
{
    return atomic_load_explicit(&counters_now()->at[which], memory_order_relaxed);
}

void counters_move(struct counters *from, struct counters *to)
{
    for (size_t i = 0; i < COUNTERS_ROOM; i++) {
        uint64_t n = atomic_exchange_explicit(&from->at[i], 0, memory_order_relaxed);
        if (n)
            atomic_fetch_add_explicit(&to->at[i], n, memory_order_relaxed);
    }
}
