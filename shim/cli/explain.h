/* What `bellhop explain` finds out: of one request, member by member, what comes in, is made, and
 * leaves with a request that is made for it. */
#ifndef BELLHOP_CLI_EXPLAIN_H
#define BELLHOP_CLI_EXPLAIN_H

#include "policy/inbound.h"

enum { EXPLAIN_LINES = 256 };

/* A request out of a file. */
struct example {
    char *text; /* to be freed */
    struct inbound in;
    struct inbound_field field[EXPLAIN_LINES];
    struct baggage came;
    struct span method;
};

/* Reads it for the headers that the policy looks for. False: an error that was said. */
bool example_read(struct example *e, const char *file, const struct policy *p);

enum origin { FROM_DEFAULT, FROM_REQUEST, FROM_RULE, FROM_SET };
enum fate { STAYS, LEAVES, LEAVES_HASHED, LEAVES_FIXED };

/* One member of all that would apply. */
struct explained {
    enum origin origin;
    int line;     /* of the rule that let it in or made it; 0: none did */
    bool let_in;  /* FROM_REQUEST */
    bool applies; /* it goes to the outbound rules: let in, released, and not replaced */
    enum fate fate;
    const char *why; /* it does not apply, or stays */
    struct member member;
};

/* All of it. */
struct explanation {
    struct explained of[4 * LIMIT_MEMBERS];
    size_t count;
    struct baggage all; /* those that apply, as they would be sent */
    struct verdict verdict;
    bool trust_sure;
    char made[LIMIT_LIST];
    struct baggage made_list;
};

/* Where it is sent, and how sure it is that it is sent for this request. */
struct question {
    struct target to;
    enum confidence now, least;
};

void explain(struct explanation *x, const struct policy *p, const struct example *e,
             const struct question *q);

/* Prints for people, or as one line of JSON; with values or without. */
void explain_print(const struct explanation *x, const struct policy *p, const struct question *q,
                   bool values);
bool explain_print_json(const struct explanation *x, const struct policy *p,
                        const struct question *q, bool values);

#endif
