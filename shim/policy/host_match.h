/* Host patterns: parsed when a policy is built, matched without allocation while it is in use. */
#ifndef BELLHOP_POLICY_HOST_MATCH_H
#define BELLHOP_POLICY_HOST_MATCH_H

#include "policy/address.h"
#include "policy/policy.h"

struct host_pattern {
    enum { HOST_ANY, HOST_NAME, HOST_SUFFIX, HOST_NET } kind;
    uint16_t port; /* 0: every port */
    uint8_t bits;  /* HOST_NET: prefix length in the 128-bit form */
    uint32_t len;  /* of name; lower case, without trailing dot; HOST_SUFFIX with the first dot */
    uint32_t hash; /* HOST_NAME: host_hash of it */
    union {
        const char *name;
        struct address net;
    };
};

/* A target, prepared once for many patterns. */
struct host_subject {
    struct span name;   /* without [] and trailing dot */
    uint32_t hash;      /* host_hash of name */
    uint16_t port;      /* that the request names; 0: unknown */
    uint16_t peer_port; /* that the connection goes to; `port` if unknown */
    bool doubtful;      /* no name, or one that cannot be compared with an ASCII one */
    bool is_literal;    /* `literal` is what the name spells */
    bool is_peer_known; /* `peer` is where the connection goes */
    struct address literal;
    struct address peer;
};

/* In rising order. MAYBE: what is known of the target does not say. */
enum host_match { HOST_NO, HOST_MAYBE, HOST_YES };

/* Parses `text` into *out, whose name points into text as it stands (not yet lower case). Returns
 * NULL, or a static sentence that says what is wrong. */
const char *host_pattern_parse(struct span text, struct host_pattern *out);

void host_subject_make(struct host_subject *s, const struct target *to);
enum host_match host_match(const struct host_pattern *p, const struct host_subject *s);

/* True if every target that `inner` matches is matched by `outer`. */
bool host_covers(const struct host_pattern *outer, const struct host_pattern *inner);

/* Equal for names that differ in case only. */
uint32_t host_hash(struct span name);

/* True if it is made of letters, digits, - and _, in non-empty parts between dots. */
bool host_is_plain(struct span name);

#endif
