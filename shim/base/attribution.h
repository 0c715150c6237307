/* Who caused the traffic: requests and bytes for each value of the keys that `attribute_by` names,
 * in the page that an agent reads. Lock-free and async-signal-safe.
 *
 * The 256 slots are 32 sets of 8; the hash of "key=value" names the set. Within a set this is
 * Space-Saving (Metwally and others, 2005): a value that is not there replaces the one of lowest
 * rank and takes its rank plus one, so that any value with more than 1/8 of what its set saw is
 * there. What is counted for a value is exact since it came in; what it had when it was replaced is
 * added to `other`, so that all slots and `other` together are exact. */
#ifndef BELLHOP_BASE_ATTRIBUTION_H
#define BELLHOP_BASE_ATTRIBUTION_H

#include "base/attachment.h"
#include "base/span.h"

enum attributed { ATTRIBUTED_OUT, ATTRIBUTED_OUT_BYTES, ATTRIBUTED_IN, ATTRIBUTED_IN_BYTES };

#define ATTRIBUTED_KINDS  4
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

/* One request with so many bytes, in the table of the agent; nothing if there is none. The value is
 * a member's as sent. */
void attribute(struct span key, struct span value, bool out, uint64_t bytes);

/* The same for a given table. */
void attribution_add(struct attribution *to, struct span key, struct span value, bool out,
                     uint64_t bytes);

/* What a slot holds, for a table that others write to: 0 and a text of ATTRIBUTION_TEXT bytes,
 * NUL-padded, or -ENOENT: it is empty, -EAGAIN: it changed meanwhile. Nothing is trusted. */
int attribution_read(const struct attribution_slot *slot, char *text, uint64_t *sum);

#endif
