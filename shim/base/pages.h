/* The pages that a process shares with its agent: how they lie, and who writes what.
 *
 *   fleet_page   one for all processes of an agent. The agent writes; processes map it read-only.
 *   orders_page  one for each process. The agent writes; the process maps it read-only.
 *   told_page    one for each process, behind its orders. The process writes, the agent reads and
 *                believes nothing.
 *
 * A text that is replaced while others read it stands there twice; the lowest bit of `seq` names
 * the copy in force. The writer fills the other copy, then adds one to seq. Whoever dies while it
 * writes leaves the copy in force as it was. A reader takes seq, the copy, and seq again, and has
 * one whole text if both are the same number s: what is written into this copy afterwards belongs
 * to s+2 and comes after the store of s+1, all these stores are releases and the reader's loads
 * acquires, so a reader that saw any of it sees s+1 or more when it looks again. */
#ifndef BELLHOP_BASE_PAGES_H
#define BELLHOP_BASE_PAGES_H

#include "base/attribution.h"
#include "base/counters.h"
#include "base/limits.h"

#define PAGES_MAGIC   0x70686c62u /* "blhp" */
#define PAGES_VERSION 2
#define PAGES_THREADS 32     /* threads of one process that have members of their own */
#define PAGES_ALIGN   65536u /* no machine's pages are larger */

#define SLOT_ABSENT UINT32_MAX /* as a length: nothing is said here */

struct slot {
    _Atomic(uint32_t) seq;
    _Atomic(uint32_t) len[2]; /* bytes, or SLOT_ABSENT */
    _Atomic(uint32_t) tid[2]; /* of a thread's slot; 0: free */
};

struct slot_text {
    _Atomic(uint64_t) word[2][LIMIT_LIST / 8];
};

struct settings_image {
    _Atomic(uint64_t) word[2][LIMIT_IMAGE / 8];
};

/* What became of the settings that came last. */
enum settings_state {
    SETTINGS_OWN,      /* none came, or none were looked at */
    SETTINGS_TAKEN,    /* they are in force */
    SETTINGS_FOREIGN,  /* these are refused, and those before stay in force: of another version; */
    SETTINGS_BROKEN,   /* nothing that an agent writes; */
    SETTINGS_LARGE,    /* over the limits, with what values stand for in this process; */
    SETTINGS_VERIFIER, /* it has no verifier of tokens; */
    SETTINGS_WITHHELD, /* they hold secrets that are not for its user */
    SETTINGS_CROWDED,  /* these are tried again: too many former ones are in use; */
    SETTINGS_NO_MEMORY,
    SETTINGS_STATES
};

/* By the process; generations are the agent's. */
struct told_settings {
    _Atomic(uint64_t) in_force;  /* 0: those that it was started with */
    _Atomic(uint64_t) looked_at; /* taken, or refused */
    _Atomic(uint32_t) state;     /* enum settings_state of the last look */
};

struct fleet_page {
    uint32_t magic, version;
    _Atomic(int64_t) beat;                 /* the agent's CLOCK_MONOTONIC in ms; 0: it has gone */
    _Atomic(uint64_t) settings_generation; /* 0: none were ever sent */
    struct slot settings; /* an image (policy/image.h); absent: withheld from these processes */
    struct slot members;  /* what a process has that has no members of its own */
    _Alignas(4096) struct slot_text members_text;
    _Alignas(4096) struct settings_image settings_image;
};

struct orders_page {
    uint32_t magic, version;
    _Atomic(uint64_t) generation; /* moves on after each change of what is here, and of the fleet */
    _Atomic(uint32_t) off;        /* 1: carry nothing */
    _Atomic(uint32_t) threads;    /* slots of threads that may be in use */
    struct slot process;          /* its members and the fleet's, merged; absent: the fleet's */
    struct slot thread[PAGES_THREADS]; /* a thread's, its process's and the fleet's, merged */
    _Alignas(4096) struct slot_text process_text;
    struct slot_text thread_text[PAGES_THREADS];
};

struct told_page {
    uint32_t magic, version;
    struct counters counters;
    struct told_settings settings;
    _Alignas(4096) struct attribution attribution;
};

#define PAGES_UP(n)   (((n) + PAGES_ALIGN - 1) / PAGES_ALIGN * PAGES_ALIGN)
#define PAGES_FLEET   PAGES_UP(sizeof(struct fleet_page)) /* sizes of the two memfds */
#define PAGES_ORDERS  PAGES_UP(sizeof(struct orders_page))
#define PAGES_TOLD    PAGES_UP(sizeof(struct told_page))
#define PAGES_PROCESS (PAGES_ORDERS + PAGES_TOLD)

/* Replaces a slot's text; the only writer does. `text` longer than the copy holds is refused:
 * false. `at` NULL: absent. */
bool slot_write(struct slot *s, _Atomic(uint64_t) *copies, size_t words, struct span text,
                uint32_t tid);

/* Reads a slot: the length, SLOT_ABSENT, or -EAGAIN after some attempts, or -E2BIG: more than
 * `max`, which no agent writes. Async-signal-safe. */
int64_t slot_read(const struct slot *s, const _Atomic(uint64_t) *copies, size_t words, char *out,
                  size_t max);

/* The thread that a slot is for, in the copy in force. */
static inline uint32_t slot_tid(const struct slot *s)
{
    uint32_t seq = atomic_load_explicit(&s->seq, memory_order_acquire);
    return atomic_load_explicit(&s->tid[seq & 1], memory_order_relaxed);
}

#endif
