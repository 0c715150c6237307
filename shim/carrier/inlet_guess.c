/* Inbound connections of which it is a guess that they are, and the sets that wait for some. */
#include "carrier/inlet_state.h"

static atomic_bool some_are_guesses;

void inlet_guess(uint64_t name, bool is_socket)
{
    struct inlet *s = pool_enter(&inlets, name);
    atomic_store(&some_are_guesses, true);
    if (!s)
        return;
    s->is_guess = true;
    s->is_socket = is_socket;
    pool_leave(&inlets, s);
}

bool inlet_turns(uint64_t name, bool is_socket)
{
    if (!atomic_load_explicit(&some_are_guesses, memory_order_relaxed))
        return false;
    struct inlet *s = pool_enter(&inlets, name);
    if (!s)
        return false;
    bool turns = s->is_guess && (s->is_socket || is_socket) && !atomic_load(&s->read);
    pool_leave(&inlets, s);
    return turns;
}

void inlet_unheard(uint64_t name)
{
    struct inlet *s = pool_enter(&inlets, name);
    if (!s)
        return;
    atomic_store(&s->unheard, true);
    atomic_store_explicit(&s->deaf, true, memory_order_release);
    pool_leave(&inlets, s);
}

uint64_t inlet_swap_set(uint64_t name, uint64_t set)
{
    struct inlet *s = pool_enter(&inlets, name);
    if (!s)
        return 0;
    uint64_t was = atomic_exchange(&s->set, set);
    pool_leave(&inlets, s);
    return was;
}
