/* What an agent tells of a process, as the commands show it. */
#ifndef BELLHOP_CLI_RECORD_H
#define BELLHOP_CLI_RECORD_H

#include <jansson.h>

#include "base/counters.h"
#include "cli/client.h"

struct record {
    uint32_t pid, uid;
    uint64_t age; /* ms */
    bool off, attached;
    uint32_t rules;                  /* enum bellhop_control_rules */
    uint64_t generation;             /* of the settings that it goes by */
    struct span exe, members, fleet; /* valid as long as the message */
    uint64_t counter[COUNTERS];
    const struct wire_in *in; /* for THREAD fields */
};

/* False: the message is not about a process. */
bool record_read(struct record *r, const struct wire_in *in);

/* The next thread with members of its own at *rest, which begins as in->fields. False: no more. */
bool record_thread(struct span *rest, uint32_t *tid, struct span *members);

/* The sum of `count` counters that follow each other. */
uint64_t record_sum(const struct record *r, enum counter first, unsigned count);

/* "current", "next" ...: whether it goes by the settings of the agent; static. */
const char *record_rules(const struct record *r);

/* As JSON: the caller's reference. */
json_t *record_json(const struct record *r);

/* Text that may be none of UTF-8: the caller's reference. */
json_t *text_json(struct span text);

/* A list of members as `bellhop parse --json` shows it. */
json_t *members_json(struct span list);

/* Prints a document and a newline; releases it. */
void print_json(json_t *root);

/* What came from elsewhere must not steer the terminal. */
void print_safely(struct span text);

/* A time for people, as of ps: "3s", "12m", "4h05", "2d03". `out` holds 16 bytes. */
void age_text(uint64_t ms, char *out);

#endif
