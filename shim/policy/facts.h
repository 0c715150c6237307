/* What the rules may take out of one request, found in one walk over it. */
#ifndef BELLHOP_POLICY_FACTS_H
#define BELLHOP_POLICY_FACTS_H

#include "policy/rules.h"

/* Spans of the request, by the index of policy.sources. */
struct facts {
    struct span value[LIMIT_SOURCES]; /* raw; where `found` says so */
    uint64_t found;
    uint64_t doubtful;                 /* was there several times with different values */
    struct span path;                  /* empty: unknown, or doubtful */
    struct span peer;                  /* numeric address; empty: unknown */
    struct span payload[LIMIT_TOKENS]; /* empty: there is no token that is believed */
    struct json_value claim[LIMIT_CLAIMS];
};

void facts_collect(struct facts *f, const struct policy *p, const struct inbound *in);

/* The plain text of what the rule takes, before any change; SIZE_MAX: there is nothing, it is
 * doubtful, or longer than `max`. */
size_t facts_text(const struct facts *f, const struct policy *p, const struct make_rule *r,
                  char *out, size_t max);

#endif
