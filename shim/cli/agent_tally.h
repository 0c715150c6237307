/* Sums for values, of many processes: what each caused. Bounded, by Space-Saving (Metwally and
 * others, 2005) in its weighted form: a value that is not there replaces the one of lowest rank,
 * and takes its rank plus its own requests. A value that caused more than 1/256 of all requests is
 * there; what is told for it is exact but for what it had before it came in, of which its rank is
 * the bound. Nothing ever gets less but a value that is replaced, whose sums go to `other`: it
 * begins at zero if it comes again. */
#ifndef BELLHOP_CLI_AGENT_TALLY_H
#define BELLHOP_CLI_AGENT_TALLY_H

#include "base/attribution.h"

#define TALLY_MOST   256
#define TALLY_CHAINS 256

struct tally_entry {
    char text[ATTRIBUTION_TEXT]; /* "key=value" */
    uint64_t sum[ATTRIBUTED_KINDS];
    uint64_t rank;
    uint16_t chain, next; /* 1 + the next entry of this chain; 0: the last one */
};

struct tally {
    uint64_t other[ATTRIBUTED_KINDS];
    size_t count;
    uint16_t first[TALLY_CHAINS]; /* 1 + an entry; 0: none */
    struct tally_entry entry[TALLY_MOST];
};

/* Moves what a process's table says, of which nothing is believed. */
void tally_take(struct tally *t, struct attribution *from);

/* Entries with most requests first: a copy, which the caller frees; NULL: no memory, or none. */
struct tally_entry *tally_sorted(const struct tally *t);

#endif
