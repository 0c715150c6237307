#include "carrier/waits.h"

#include "base/pool.h"
#include "carrier/inlet.h"

struct waits {
    struct pool_head head;
    atomic_int listeners, unknown, inlets;
};

static struct waits first[256];
static struct pool sets = { POOL_OVER(first, struct waits), .zeroed = sizeof(struct waits) };
static atomic_bool unlisted; /* see waits_found_listener */

static void add_inlet(struct holding *h, uint64_t name)
{
    if (h->one && h->one != name)
        h->many = true;
    h->one = name;
}

/* Who keeps a set will add to it, so that one connection in it says nothing. */
static void add_set(struct holding *h, uint64_t name)
{
    struct waits *s = pool_enter(&sets, name);
    if (!s) {
        h->many = true;
        return;
    }
    if (atomic_load(&s->listeners) > 0 || (atomic_load(&unlisted) && atomic_load(&s->unknown) > 0))
        h->listens = true;
    if (atomic_load(&s->inlets) != 0)
        h->many = true;
    pool_leave(&sets, s);
}

void holding_add(struct holding *h, fd_entry entry)
{
    if (entry == FD_LISTENER)
        h->listens = true;
    else if (entry < FD_FIRST || fd_kind(entry) == FD_OUTLET)
        return;
    else if (fd_kind(entry) == FD_INLET)
        add_inlet(h, fd_name(entry));
    else
        add_set(h, fd_name(entry));
}

enum wait_holds holding_kind(const struct holding *h, whose_name *one)
{
    *one = h->one;
    if (h->many || (h->listens && h->one))
        return WAIT_MANY;
    if (h->one)
        return WAIT_ONE;
    return h->listens ? WAIT_LISTENING : WAIT_NOTHING;
}

static void leave_set(uint64_t inlet, uint64_t set)
{
    waits_remove(set, fd_entry_of(FD_INLET, inlet));
}

uint64_t waits_open(void)
{
    uint64_t name = 0;
    inlet_leaves_set = leave_set;
    return pool_take(&sets, &name) ? name : 0;
}

bool waits_share(uint64_t name)
{
    return pool_share(&sets, name);
}

void waits_drop(uint64_t name)
{
    pool_drop(&sets, name);
}

static void change(uint64_t name, fd_entry entry, int by)
{
    struct waits *s = pool_enter(&sets, name);
    if (!s)
        return;
    if (entry == FD_LISTENER) {
        atomic_fetch_add(&s->listeners, by);
    } else if (entry < FD_FIRST) {
        atomic_fetch_add(&s->unknown, by);
    } else if (fd_kind(entry) == FD_INLET) {
        atomic_fetch_add(&s->inlets, by);
    }
    pool_leave(&sets, s);
}

void waits_add(uint64_t name, fd_entry entry)
{
    bool inlet = entry >= FD_FIRST && fd_kind(entry) == FD_INLET;
    change(name, entry, 1);
    if (inlet)
        inlet_swap_set(fd_name(entry), name);
}

void waits_remove(uint64_t name, fd_entry entry)
{
    bool inlet = entry >= FD_FIRST && fd_kind(entry) == FD_INLET;
    change(name, entry, -1);
    if (inlet)
        inlet_swap_set(fd_name(entry), 0);
}

void waits_found_listener(void)
{
    atomic_store(&unlisted, true);
}
