/* The inside of a policy, for those who build it and those who ask it. */
#ifndef BELLHOP_POLICY_RULES_H
#define BELLHOP_POLICY_RULES_H

#include "policy/arena.h"
#include "policy/host_match.h"
#include "policy/inbound.h"
#include "policy/sha256.h"
#include "policy/token.h"

struct key_pattern {
    const char *at;
    uint32_t len;
    bool is_prefix; /* the * is not part of at[0 .. len) */
};

/* Some of the policy's patterns that stand side by side: [at, at + count). */
struct range {
    uint32_t at, count;
};

/* Of `outbound`. */
struct rule {
    int line;
    struct range hosts, keys; /* in policy.hosts, policy.keys */
    struct range hashed;      /* keys */
    struct range fixed;       /* in policy.fixed */
    struct range methods;     /* in policy.texts; none: all */
    struct range paths;       /* patterns in policy.texts; none: all */
    bool off;
};

/* Keys that are sent with a value that says nothing. */
struct fixed_rule {
    struct range keys;
    struct span text; /* "=value" */
};

/* Of `members`: what is so for some keys, wherever they go. */
struct member_rule {
    int line;
    struct range keys;
    enum confidence least; /* NONE: the process's */
    bool never;            /* they go nowhere */
};

/* A program that runs under a name like one of these. */
struct profile_rule {
    struct range programs; /* in policy.texts */
    enum confidence least;
};

/* Of `inbound`. */
struct trust_rule {
    int line;
    struct range peers; /* in policy.hosts: ANY, NET, or the NAME "unix"; none: all */
    struct range ports; /* in policy.ports; none: all */
    struct range keys;
};

/* A named part of a request that rules take values from. */
struct source {
    enum { SOURCE_HEADER, SOURCE_COOKIE, SOURCE_QUERY } kind;
    uint8_t field; /* of HEADER, in the watch */
    struct span name;
};

/* A value out of a token. */
struct claim {
    uint32_t token;   /* policy.tokens */
    struct span path; /* as json_find wants it */
};

/* What to do with members of the key that came in. */
enum made_mode { MADE_REPLACE, MADE_PREFER, MADE_KEEP };

/* Of `make`. */
struct make_rule {
    int line;
    enum { MAKE_SOURCE, MAKE_PATH, MAKE_PEER, MAKE_CLAIM } from;
    uint32_t index;   /* of a source or claim */
    struct span path; /* PATH: the pattern */
    struct span key;
    uint32_t key_hash;
    struct span match; /* a glob; empty: anything */
    struct span value; /* what is sent in the place of what was found; `at` NULL: that itself */
    struct span meta;  /* properties of the member, in header syntax */
    uint16_t max;      /* bytes of what is found */
    bool lower, hash;
    enum made_mode mode;
};

/* A member of `set` or `default` as it was written. */
struct member_template {
    bool fallback; /* of `default` */
    struct span key, value, meta;
};

struct policy {
    struct arena arena; /* holds all that is pointed to */
    struct baggage set;
    struct baggage fallback; /* the list that settings call `default` */
    struct http_watch watch;
    uint32_t forwarded; /* fields of the watch */
    uint8_t cookies;    /* the field, or HTTP_FIELD_NONE */
    enum confidence least;
    bool edge;
    bool some_never;               /* of members */
    bool some_methods, some_paths; /* of outbound rules */
    bool some_children;            /* `children` is set */
    bool log_values;
    bool secret; /* something of it stood in a file of its own that others may not read */
    uint32_t max_members, max_bytes; /* of a list as it is sent */
    struct range first;              /* keys that win when they do not all fit */
    struct range children;           /* keys */
    struct range include, exclude;   /* programs, in texts */
    struct range attribute_by;       /* keys, in texts */
    bool salted;                     /* `salt` is set */
    struct hmac_key salt;
    const struct token_verifier *verifier; /* NULL: no token is verified */
    uint32_t rule_count, member_rule_count, profile_count, trust_count, make_count, source_count,
        token_count, claim_count, fixed_count, host_count, key_count, text_count, port_count,
        template_count;
    const struct rule *rules;
    const struct fixed_rule *fixed;
    const struct member_rule *member_rules;
    const struct profile_rule *profiles;
    const struct trust_rule *trust;
    const struct make_rule *make;
    const struct source *sources;    /* <= LIMIT_SOURCES */
    const struct token_rule *tokens; /* <= LIMIT_TOKENS */
    const struct claim *claims;      /* <= LIMIT_CLAIMS */
    const struct host_pattern *hosts;
    const struct key_pattern *keys;
    const struct span *texts;
    const uint16_t *ports;
    const struct member_template *templates; /* of a policy that goes to other programs */
};

/* Parses `text` into *out, which points into it. Returns NULL, or a static sentence. */
const char *key_pattern_parse(struct span text, struct key_pattern *out);

/* True if one of these patterns of the policy matches. */
bool keys_have(const struct policy *p, struct range keys, struct span key);

/* The members of `among` whose keys have one of these patterns. */
member_set keys_of(const struct policy *p, struct range keys, const struct baggage *b,
                   member_set among);

/* Equal for equal keys. */
uint32_t key_hash(struct span key);

/* Writes the hash of a text as 64 hexadecimal digits. */
void hash_hex(const struct policy *p, struct sha256 *h, char out[2 * SHA256_LEN]);

/* True if a program pattern matches: one with a slash the whole path, others its last part. */
bool program_matches(struct span pattern, struct span exe_path);

#endif
