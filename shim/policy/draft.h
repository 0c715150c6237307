/* Building a policy: one draft, filled by settings, then frozen. A draft is owned by the one who
 * opened it. All strings are copied. Not for hooks: this allocates.
 *
 * Functions that return int give 0, or the draft is unchanged: -EINVAL for what cannot be, -EEXIST
 * for what is there already, -E2BIG over a limit, -ENOMEM. */
#ifndef BELLHOP_POLICY_DRAFT_H
#define BELLHOP_POLICY_DRAFT_H

#include "policy/policy.h"

struct policy_draft;
struct policy_draft *policy_draft_new(void); /* NULL: no memory */
void policy_draft_free(struct policy_draft *d);

/* Makes the policy, which the caller owns, and consumes the draft; NULL: no memory. */
struct policy *policy_freeze(struct policy_draft *d);

/* Members that this service adds. -E2BIG: set and default together are one list's (STANDARD E18).
 */
int policy_draft_set(struct policy_draft *d, struct span key, struct span value, struct span meta);
int policy_draft_default(struct policy_draft *d, struct span key, struct span value,
                         struct span meta);

/* Opens the next outbound rule; hosts and keys go to the one that was opened last. */
int policy_draft_rule(struct policy_draft *d, int line);
int policy_draft_host(struct policy_draft *d, struct span pattern);
int policy_draft_key(struct policy_draft *d, struct span pattern);

/* A header that is carried as it is from the request that is served to those that are made. */
int policy_draft_forward(struct policy_draft *d, struct span name);

/* The least confidence for programs that no profile of the draft names. */
void policy_draft_confidence(struct policy_draft *d, enum confidence least);

/* Opens the next profile; programs go to the one that was opened last. The first match counts. */
int policy_draft_profile(struct policy_draft *d, enum confidence least);
int policy_draft_profile_program(struct policy_draft *d, struct span pattern);

/* Opens the next group of keys that something is so for, wherever they go; the rest goes to the one
 * that was opened last. The first group that has a key counts. */
int policy_draft_members(struct policy_draft *d, int line);
int policy_draft_members_key(struct policy_draft *d, struct span pattern);
void policy_draft_members_confidence(struct policy_draft *d, enum confidence least);

/* --- what comes in -------------------------------------------------------------------------- */

/* Nothing of what requests bring is let in. */
void policy_draft_edge(struct policy_draft *d);

/* Opens the next trust rule; peers, ports and keys go to the one that was opened last. Without
 * peers, or ports, it is for all of them. A peer is an address, a network, "*", or "unix". */
int policy_draft_trust(struct policy_draft *d, int line);
int policy_draft_trust_peer(struct policy_draft *d, struct span pattern);
int policy_draft_trust_port(struct policy_draft *d, uint16_t port);
int policy_draft_trust_key(struct policy_draft *d, struct span pattern);

/* The secret of hashes. */
int policy_draft_salt(struct policy_draft *d, struct span salt);

/* A kind of token. */
struct token_spec {
    int line;
    struct span name;
    struct span header, cookie; /* one of them; the other {NULL, 0} */
    bool unverified;            /* or an algorithm and the text of its key file: */
    struct span algorithm;
    struct span key;
    struct span issuer;   /* empty: any */
    struct span audience; /* "*": any */
    unsigned leeway;      /* seconds */
    bool without_exp;     /* tokens that never expire are good as well */
};

/* -EINVAL: policy_token_fault says why. */
int policy_draft_token(struct policy_draft *d, const struct token_spec *spec);
const char *policy_token_fault(const struct policy_draft *d, const struct token_spec *spec,
                               const char **part);

/* A rule that makes a member. The strings are copied. */
struct make_spec {
    int line;
    struct span key;
    /* One of these, the others {NULL, 0}: */
    struct span header, cookie, query; /* names */
    struct span path;                  /* a pattern */
    bool peer;                         /* the client's address */
    struct span claim;                 /* a path of names, "org.id", in `token` */
    struct span token;                 /* its name */
    struct span match;                 /* a glob; empty: anything */
    struct span value;                 /* what is sent instead of what is found; NULL: that */
    unsigned max;                      /* bytes of what is found; 0: 256 */
    bool lower, hash;
    enum { SPEC_REPLACE, SPEC_PREFER, SPEC_KEEP } mode;
};

/* -EINVAL: policy_make_fault says why. -E2BIG: too many rules, or names. */
int policy_draft_make(struct policy_draft *d, const struct make_spec *spec);

/* What is wrong with it: which part, and why, as the end of a sentence; NULL: nothing. Static. */
const char *policy_make_fault(const struct policy_draft *d, const struct make_spec *spec,
                              const char **part);

/* What is wrong with a pattern or name, as the end of a sentence, static; NULL if nothing is. */
const char *policy_host_fault(struct span pattern);
const char *policy_key_fault(struct span pattern);
const char *policy_program_fault(struct span pattern);
const char *policy_header_fault(struct span name);
const char *policy_peer_fault(struct span pattern);

#endif
