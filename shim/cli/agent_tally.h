/* Sums for texts, of many processes: what each caused. Bounded: what comes after TALLY_MOST texts
 * is summed up as other. */
#ifndef BELLHOP_CLI_AGENT_TALLY_H
#define BELLHOP_CLI_AGENT_TALLY_H

#include "base/attribution.h"

#define TALLY_MOST 4096
#define TALLY_TOP  256

struct tally_entry {
    char text[ATTRIBUTION_TEXT]; /* "key=value"; "" : free */
    uint64_t sum[ATTRIBUTED_KINDS];
};

struct tally {
    uint64_t other[ATTRIBUTED_KINDS];
    size_t count;
    struct tally_entry entry[2 * TALLY_MOST]; /* by hash */
};

/* Adds what a process's table says, of which nothing is believed. */
void tally_add_table(struct tally *t, const struct attribution *from);

/* Adds what another tally has. */
void tally_add(struct tally *t, const struct tally *from);

/* Moves the TALLY_TOP entries with most requests to the front, sorted, and sums up the others as
 * other. From then on it can only be read. Returns how many there are. */
size_t tally_sort(struct tally *t);

#endif
