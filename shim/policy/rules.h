/* The inside of a policy, for those who build it and those who ask it. */
#ifndef BELLHOP_POLICY_RULES_H
#define BELLHOP_POLICY_RULES_H

#include "policy/arena.h"
#include "policy/host_match.h"

struct key_pattern {
    const char *at;
    uint32_t len;
    bool is_prefix; /* the * is not part of at[0 .. len) */
};

/* Some of the policy's patterns that stand side by side: [at, at + count). */
struct range {
    uint32_t at, count;
};

struct rule {
    int line;
    struct range hosts, keys; /* in policy.hosts, policy.keys */
};

/* What is so for some keys, wherever they go. */
struct member_rule {
    int line;
    struct range keys;
    enum confidence least; /* NONE: the process's */
};

/* A program that runs under a name like one of these. */
struct profile_rule {
    struct range programs; /* in policy.programs */
    enum confidence least;
};

struct policy {
    struct arena arena; /* holds all that is pointed to */
    struct baggage set;
    struct baggage fallback; /* the list that settings call `default` */
    struct http_watch watch;
    uint32_t forwarded; /* fields of the watch */
    enum confidence least;
    uint32_t rule_count, member_rule_count, profile_count;
    const struct rule *rules;
    const struct member_rule *member_rules;
    const struct profile_rule *profiles;
    const struct host_pattern *hosts;
    const struct key_pattern *keys;
    const struct span *programs;
};

/* Parses `text` into *out, which points into it. Returns NULL, or a static sentence. */
const char *key_pattern_parse(struct span text, struct key_pattern *out);

/* True if one of these patterns of the policy matches. */
bool keys_have(const struct policy *p, struct range keys, struct span key);

/* True if a program pattern matches: one with a slash the whole path, others its last part. */
bool program_matches(struct span pattern, struct span exe_path);

#endif
