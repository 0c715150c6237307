/* Building a policy: what comes in. As policy/draft.h. */
#ifndef BELLHOP_POLICY_DRAFT_INBOUND_H
#define BELLHOP_POLICY_DRAFT_INBOUND_H

#include "policy/draft.h"

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

/* What was added holds a secret out of a file. */
void policy_draft_secret(struct policy_draft *d);

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
    struct span metadata;              /* properties of the member, in header syntax */
    unsigned max;                      /* bytes of what is found; 0: 256 */
    bool lower, hash;
    enum { SPEC_REPLACE, SPEC_PREFER, SPEC_KEEP } mode;
};

/* -EINVAL: policy_make_fault says why. -E2BIG: too many rules, or names. */
int policy_draft_make(struct policy_draft *d, const struct make_spec *spec);

/* What is wrong with it: which part, and why, as the end of a sentence; NULL: nothing. Static. */
const char *policy_make_fault(const struct policy_draft *d, const struct make_spec *spec,
                              const char **part);

/* What is wrong with a peer's pattern, as the end of a sentence, static; NULL if nothing is. */
const char *policy_peer_fault(struct span pattern);

#endif
