/* What becomes of a request that is being served: which of its baggage is let in, and which members
 * are made of its other parts. */
#ifndef BELLHOP_POLICY_INBOUND_H
#define BELLHOP_POLICY_INBOUND_H

#include "base/buf.h"
#include "policy/policy.h"

/* One line of the head, of a field that policy_watch names; its value as it was sent, without white
 * space around it. */
struct inbound_field {
    uint8_t field;
    struct span value;
};

/* One request. All spans are borrowed for the call. */
struct inbound {
    struct span target;                /* the request line's, as sent; empty: unknown */
    const struct inbound_field *field; /* in order; a repeated line is repeated */
    size_t fields;
    struct span peer;           /* the client's numeric address; empty: unknown */
    bool peer_unix;             /* the client came over a Unix socket */
    uint16_t port;              /* the local one; 0: unknown */
    const struct baggage *came; /* what the request's baggage lines hold */
};

/* True if some rule looks at the target, at the peer or port; else they need not be kept. */
bool policy_wants_target(const struct policy *p);
bool policy_wants_peer(const struct policy *p);

/* Which of in->came are let in, and into `made` (which is emptied first, and whose size is the
 * limit: LIMIT_LIST is enough) the members that rules made, as one field value: legal by grammar,
 * each key once, none of them among the returned ones; of a member that does not fit nothing is
 * written. A made member has the rank of one that came in.
 *
 * Where something is not known or can be read in two ways (no peer, a header that is there twice
 * with two values, a path with dots in it), less comes in: a trust rule counts only with what it
 * takes away, and no member is made. */
member_set policy_inbound(const struct policy *p, const struct inbound *in, struct buf *made);

/* True if some token is to be verified; then the policy gets a verifier (policy/token.h) before it
 * is used, or such tokens are as good as none. It must outlive the policy. */
struct token_verifier;
bool policy_needs_verifier(const struct policy *p);
void policy_set_verifier(struct policy *p, const struct token_verifier *v);

/* The file's line of the trust rule that decides for a peer and port, and whether that is for sure;
 * 0: none, or no rules. For people. */
int policy_trust_line(const struct policy *p, const struct inbound *in, bool *sure);

/* The same, and the file's line of the rule that made each member. For people. */
member_set policy_inbound_lines(const struct policy *p, const struct inbound *in, struct buf *made,
                                int lines[LIMIT_MEMBERS]);

#endif
