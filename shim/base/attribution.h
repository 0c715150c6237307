/* Who caused the traffic: requests and bytes for each value of the keys that `attribute_by` names,
 * in the page that an agent reads. Lock-free and async-signal-safe.
 *
 * The 256 slots are 32 sets of 8; the hash of "key=value" names the set. Within a set this is
 * Space-Saving (Metwally and others, 2005): a value that is not there replaces the one of lowest
 * rank and takes its rank plus one, so that any value with more than 1/8 of what its set saw is
 * there. What is counted for a value is exact since it came in; what it had when it was replaced is
 * added to `other`, so that all slots and `other` together are exact. Nobody waits: who finds a
 * slot that is being replaced (a signal handler may have interrupted just that) counts as other.
 *
 * The agent takes what it reads away, so that it can sum up for good what was counted for a value
 * that is replaced later. */
#ifndef BELLHOP_BASE_ATTRIBUTION_H
#define BELLHOP_BASE_ATTRIBUTION_H

#include "base/attachment.h"
#include "base/span.h"

/* Requests made (out) and served (in), their bytes, and those of the answers to them. */
enum attributed {
    ATTRIBUTED_OUT,
    ATTRIBUTED_OUT_BYTES,
    ATTRIBUTED_IN,
    ATTRIBUTED_IN_BYTES,
    ATTRIBUTED_OUT_ANSWERS,
    ATTRIBUTED_IN_ANSWERS,
};

#define ATTRIBUTED_KINDS  6
#define ATTRIBUTION_SETS  32
#define ATTRIBUTION_WAYS  8
#define ATTRIBUTION_WORDS 9 /* of text: longer ones are cut, and still are told apart by hash */
#define ATTRIBUTION_TEXT  (ATTRIBUTION_WORDS * 8)

struct attribution_slot {
    _Atomic(uint64_t) state; /* generation << 32 | being replaced << 31 | how many add to it */
    _Atomic(uint64_t) hash;  /* 0: empty */
    _Atomic(uint64_t) rank;
    _Atomic(uint64_t) sum[ATTRIBUTED_KINDS];
    _Atomic(uint64_t) text[ATTRIBUTION_WORDS]; /* "key=value", zeros behind it */
};

struct attribution {
    _Atomic(uint64_t) other[ATTRIBUTED_KINDS];
    struct attribution_slot slot[ATTRIBUTION_SETS][ATTRIBUTION_WAYS];
};

/* Where the bytes of a request that was counted go: a slot as long as it is this value's. 0: to
 * nowhere. */
typedef uint64_t attribution_ticket;

/* Counts one request in the table of the agent; 0, and nothing, if there is none. The value is a
 * member's as sent. `of` is ATTRIBUTED_OUT or ATTRIBUTED_IN. Async-signal-safe, as all of these. */
attribution_ticket attribute(struct span key, struct span value, enum attributed of);

/* Bytes of that request, or of its answer. Those of a request that was counted in the table of
 * another agent, or before a fork, are dropped. */
void attribute_bytes(attribution_ticket ticket, enum attributed of, uint64_t bytes);

/* The same for a given table, request and bytes at once. */
void attribution_add(struct attribution *to, struct span key, struct span value, bool out,
                     uint64_t bytes);

/* Adds what `from` holds to `to` and leaves zeros behind. */
void attribution_move(struct attribution *from, struct attribution *to);

/* Takes away what was counted in a slot of a table that others write to: 0 and a text of
 * ATTRIBUTION_TEXT bytes, NUL-padded, -EAGAIN: it changed meanwhile, so that it is not known whose
 * `sum` is, or -ENOENT: nothing was. Nothing is trusted. */
int attribution_take(struct attribution_slot *slot, char *text, uint64_t *sum);

#endif
