/* What the operator set over the control socket, for the calling thread: read from pages that the
 * agent writes, without a lock or a system call. The members of the fleet, the process and the
 * thread are merged already, the thread's being the strongest. */
#ifndef BELLHOP_BASE_OVERLAY_H
#define BELLHOP_BASE_OVERLAY_H

#include "base/pages.h"

/* Moves on with each change, and never comes back to a number that it had, with any agent. Whoever
 * composed under an earlier one reads again. 0: no agent, or a fork child that has not attached
 * yet: what was composed before goes on. One atomic load. */
static inline uint64_t overlay_generation(void)
{
    struct attachment *a = attachment_now();
    const struct orders_page *o = a ? atomic_load_explicit(&a->orders, memory_order_acquire) : NULL;
    return o ? atomic_load_explicit(&o->generation, memory_order_acquire) : 0;
}

/* The operator says: carry nothing. A load or two; what overlay_read says counts. */
static inline bool overlay_is_off(void)
{
    struct attachment *a = attachment_now();
    const struct orders_page *o = a ? atomic_load_explicit(&a->orders, memory_order_acquire) : NULL;
    return o && atomic_load_explicit(&o->off, memory_order_relaxed);
}

struct overlay {
    uint64_t generation; /* what this is at least as new as */
    size_t len;          /* of the text; 0: the operator set nothing */
    bool off;            /* the operator says: carry nothing at all */
};

/* Copies the text of one baggage list to `out`, of LIMIT_LIST bytes: at one moment between call and
 * return it was all that applied to this thread. Well-formed if the agent is, so parse it as any
 * other. Returns 0, -ENOTCONN: there is no agent, or -EAGAIN: it changed too often meanwhile; then
 * *o is untouched, `out` is of no use, and what was had before goes on. Async-signal-safe. The
 * first read of a thread makes one system call (gettid) if its process has members for threads. */
int overlay_read(char *out, struct overlay *o);

/* The same for settings: 0 means that none came; else a number as above. */
static inline uint64_t overlay_settings_generation(void)
{
    struct attachment *a = attachment_now();
    const struct fleet_page *f = a ? atomic_load_explicit(&a->fleet, memory_order_acquire) : NULL;
    return f ? atomic_load_explicit(&f->settings_generation, memory_order_acquire) : 0;
}

/* Copies the image of the settings in force to `out`, of `max` bytes, with its generation. Returns
 * the length, 0: they are not for this process, or negative as overlay_read. */
long overlay_settings(char *out, size_t max, uint64_t *generation);

#endif
