/* The inside of a policy, for those who build it and those who ask it. */
#ifndef BELLHOP_POLICY_RULES_H
#define BELLHOP_POLICY_RULES_H

#include "policy/host_match.h"

struct key_pattern {
    const char *at;
    uint32_t len;
    bool is_prefix; /* the * is not part of at[0 .. len) */
};

struct rule {
    int line;
    uint32_t host_at, host_count; /* in policy.hosts */
    uint32_t key_at, key_count;   /* in policy.keys */
};

/* One allocation holds it and all that it points to. */
struct policy {
    struct baggage set;
    struct baggage fallback; /* the list that settings call `default` */
    uint32_t rule_count;
    struct rule *rules;
    struct host_pattern *hosts;
    struct key_pattern *keys;
};

/* Parses `text` into *out, which points into it. Returns NULL, or a static sentence. */
const char *key_pattern_parse(struct span text, struct key_pattern *out);

#endif
