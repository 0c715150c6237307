/* Inbound connections that are passed over: who uses them is all that is looked at. */
#include "carrier/inlet_state.h"

/* That another thread goes on is a sign for all that the program reads. */
void inlet_use(struct inlet *s)
{
    const void *mine = process_worker();
    if (atomic_load_explicit(&s->user, memory_order_relaxed) == mine)
        return;
    const void *before = atomic_exchange_explicit(&s->user, mine, memory_order_relaxed);
    if (before && before != mine)
        whose_answers(process_worker(), before);
}

bool inlet_used_unmarked(uint64_t name)
{
    struct inlet *s = pool_peek(&inlets, name);
    if (!s || bill_wanted() || !atomic_load_explicit(&s->unmarked, memory_order_acquire))
        return false;
    inlet_use(s);
    return true;
}
