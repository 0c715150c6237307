/* Policy: which member is added, and which may leave for which host. Immutable once built, shared
 * by all threads without a lock; a decision allocates nothing and takes time in the number of
 * rules. NULL is a policy too: it adds nothing and lets everything leave, as OpenTelemetry's SDKs
 * do. */
#ifndef BELLHOP_POLICY_POLICY_H
#define BELLHOP_POLICY_POLICY_H

#include "baggage/baggage.h"

struct policy;

/* Where a request goes. */
struct target {
    struct span host;    /* name or address literal, without port; IPv6 with or without [] */
    uint16_t port;       /* 0: unknown; matches only patterns without a port */
    struct span address; /* the peer's numeric address if the connection is known to go straight to
                            the host (no proxy between); else empty */
};

/* What may go there. */
struct verdict {
    member_set members; /* of the list that was asked about */
    int rule;           /* index of the rule that decided, or one of these */
};
enum { RULE_NONE_SET = -1, RULE_NO_MATCH = -2 };

/* Members that this service adds: `set` replaces what came, `default` gives way (DESIGN.md 5). Both
 * lists and their bytes live as long as the policy; never NULL. */
const struct baggage *policy_set(const struct policy *p);
const struct baggage *policy_default(const struct policy *p);

/* Judges every member of `b` for `to`: first rule that matches wins; no rule: everything may go; no
 * match among rules: nothing. All members with one key are judged alike (STANDARD D16).
 * Where the target leaves open whether a rule matches (an address pattern and no address known, a
 * port pattern and no port, a name pattern and no name or one that is not ASCII), a member goes
 * only if it may in both cases: that rule lets it go, and so does what follows (P8). */
struct verdict policy_outbound(const struct policy *p, const struct target *to,
                               const struct baggage *b);

/* The file's line of a rule, for logs; 0 if unknown. */
int policy_rule_line(const struct policy *p, int rule);

/* The first rule with an earlier pattern that matches every target which pattern `host` of `rule`
 * could match, so that this one is of no use; or -1. Both count from 0. */
int policy_shadowed_by(const struct policy *p, int rule, int host);

/* True if there is no outbound rule at all, so that every host gets everything. */
bool policy_is_open(const struct policy *p);

/* Splits "host[:port]" or "[v6][:port]" (RFC 3986 authority without userinfo). False: malformed.
 * The host comes without [] and without a single trailing dot. */
bool authority_split(struct span authority, uint16_t default_port, struct target *out);

/* Takes host and port (by scheme: http 80, https 443, ws, wss likewise) out of an absolute URL as
 * libcurl or an absolute-form request line has it; userinfo is skipped. False: none of these. */
bool url_split(struct span url, struct target *out);

/* The same for what libcurl takes as a URL without a scheme, "host[:port]/path": a port that is not
 * written is unknown. */
bool url_split_bare(struct span url, struct target *out);

/* Building: one draft, filled by settings, then frozen. A draft is owned by the one who opened it;
 * policy_freeze consumes it. All strings are copied. */
struct policy_draft;
struct policy_draft *policy_draft_new(void); /* NULL: no memory */
/* Each: 0, or the draft is unchanged: -EINVAL for what cannot be, -EEXIST for a key that the list
 * has, -E2BIG over a limit (set and default together: one list's, STANDARD E18), -ENOMEM. */
int policy_draft_set(struct policy_draft *d, struct span key, struct span value, struct span meta);
int policy_draft_default(struct policy_draft *d, struct span key, struct span value,
                         struct span meta);
int policy_draft_rule(struct policy_draft *d, int line);            /* opens the next rule */
int policy_draft_host(struct policy_draft *d, struct span pattern); /* of the open rule */
int policy_draft_key(struct policy_draft *d, struct span pattern);  /* of the open rule */
struct policy *policy_freeze(struct policy_draft *d);               /* NULL: no memory */

/* What is wrong with a pattern, as the end of a sentence, static; NULL if nothing is. */
const char *policy_host_fault(struct span pattern);
const char *policy_key_fault(struct span pattern);
void policy_draft_free(struct policy_draft *d);
void policy_free(struct policy *p);

#endif
