/* What the process has from an agent: addresses in pages that both share. They stand in memory that
 * a fork child finds zeroed (MADV_WIPEONFORK): a child is not its parent, and attaches anew. */
#ifndef BELLHOP_BASE_ATTACHMENT_H
#define BELLHOP_BASE_ATTACHMENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct counters;
struct attribution;
struct told_settings;
struct fleet_page;
struct orders_page;

/* Zero: not attached. What is pointed to stays mapped as long as the process lives: a later
 * attachment maps other pages over the ones before the last, at the same place. */
struct attachment {
    _Atomic(struct counters *) counters;
    _Atomic(struct attribution *) attribution;
    _Atomic(struct told_settings *) settings;
    _Atomic(const struct fleet_page *) fleet;
    _Atomic(const struct orders_page *) orders; /* set last */
    _Atomic(uint64_t) number;   /* of this attachment, by this process: never the same twice */
    _Atomic(uint32_t) pid;      /* of this process, when it attached */
    _Atomic(int64_t) skew;      /* own clock less the agent's, in ms */
    _Atomic(int64_t) busy;      /* when somebody began to attach, in ms; 0: nobody does */
    _Atomic(int64_t) next_try;  /* when the next attempt may begin, in ms */
    _Atomic(uint32_t) failures; /* in a row */
};

extern _Atomic(struct attachment *) attachment_page; /* NULL: none was ever made */

/* Set for good when the process confines itself to some system calls: none of ours that the wrapped
 * call does not make is made from then on. */
extern atomic_bool attachment_confined;

static inline struct attachment *attachment_now(void)
{
    return atomic_load_explicit(&attachment_page, memory_order_acquire);
}

/* The page, made at the first call; not for signal handlers. NULL: no memory, or a kernel that
 * cannot zero it at a fork (before 4.14), in which case nothing can be attached. */
struct attachment *attachment_make(void);

#endif
