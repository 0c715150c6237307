/* What is known of each descriptor: a table, lock-free and async-signal-safe to read and to write.
 * It has a place for every number that the kernel gives out, since a limit may be raised by anybody
 * at any time; static memory that nobody touches costs nothing. */
#ifndef BELLHOP_BASE_FDTABLE_H
#define BELLHOP_BASE_FDTABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* FD_NOTHING, FD_SOCKET, FD_LISTENER, FD_LEFT, or the name of an object of a pool (pool.h) with the
 * pool's kind in it. */
typedef uint64_t fd_entry;
enum {
    FD_NOTHING = 0,
    FD_SOCKET = 1,   /* a stream socket on which nothing has happened */
    FD_LISTENER = 2, /* it accepts connections */
    FD_LEFT = 3,     /* an outbound connection of no use until there are requests */
    FD_FIRST = 8,    /* smaller entries name no object */
};

#define FD_KIND_SHIFT 30
enum fd_kind {
    FD_OUTLET, /* an outbound connection */
    FD_INLET,  /* an inbound one */
    FD_WAITS,  /* a set of descriptors to wait for */
};

/* FD_OUTLET for what is no object's name. */
static inline enum fd_kind fd_kind(fd_entry entry)
{
    return (enum fd_kind)(entry >> FD_KIND_SHIFT & 3);
}

/* The name in its pool; what is none stays as it is. */
static inline uint64_t fd_name(fd_entry entry)
{
    return entry & ~((uint64_t)3 << FD_KIND_SHIFT);
}

/* The entry of a name; 0 stays 0. */
static inline fd_entry fd_entry_of(enum fd_kind kind, uint64_t name)
{
    return name ? name | (uint64_t)kind << FD_KIND_SHIFT : FD_NOTHING;
}

#define FD_MAX (1u << 20) /* Linux's default ceiling */

typedef _Atomic(fd_entry) fd_slot;
extern fd_slot fdtable[FD_MAX];

/* More descriptors than this one were never expected: a program that speaks of more is in error. */
extern atomic_uint fdtable_limit;

/* So many are expected from now on. */
void fdtable_expect(size_t limit);

/* No descriptor from this one on was ever tracked, so that the table need not even be read. */
extern atomic_uint fdtable_end;

static inline fd_slot *fdtable_slot(int fd)
{
    return __builtin_expect((unsigned)fd < FD_MAX, 1) ? &fdtable[fd] : NULL;
}

/* `fdtable_end` is never beyond the table. */
static inline fd_entry fdtable_get(int fd)
{
    unsigned end = atomic_load_explicit(&fdtable_end, memory_order_relaxed);
    if (__builtin_expect((unsigned)fd >= end, 1))
        return FD_NOTHING;
    return atomic_load_explicit(&fdtable[fd], memory_order_acquire);
}

static inline void fdtable_reach(unsigned fd)
{
    unsigned end = atomic_load_explicit(&fdtable_end, memory_order_relaxed);
    while (end <= fd && !atomic_compare_exchange_weak(&fdtable_end, &end, fd + 1))
        ;
}

/* Puts an entry and returns the one that was there, or `entry` itself if the table has no place. */
static inline fd_entry fdtable_swap(int fd, fd_entry entry)
{
    fd_slot *slot = fdtable_slot(fd);
    if (slot && entry != FD_NOTHING)
        fdtable_reach((unsigned)fd);
    return slot ? atomic_exchange_explicit(slot, entry, memory_order_acq_rel) : entry;
}

/* Puts `now` if `entry` is still there; true if it was. */
static inline bool fdtable_change(int fd, fd_entry entry, fd_entry now)
{
    fd_slot *slot = fdtable_slot(fd);
    return slot && atomic_compare_exchange_strong(slot, &entry, now);
}

#endif
