/* Policy: which member is added, and which may leave for which host. Immutable once built, shared
 * by all threads without a lock; a decision allocates nothing and takes time in the number of
 * rules. NULL is a policy too: it adds nothing and lets everything leave, as OpenTelemetry's SDKs
 * do. */
#ifndef BELLHOP_POLICY_POLICY_H
#define BELLHOP_POLICY_POLICY_H

#include "baggage/baggage.h"
#include "http/http.h"
#include "policy/confidence.h"

struct policy;

/* Where a request goes. */
struct target {
    struct span host;    /* name or address literal, without port; IPv6 with or without [] */
    uint16_t port;       /* 0: unknown; matches only patterns without a port */
    struct span address; /* the peer's numeric address if the connection is known to go straight to
                            the host (no proxy between); else empty */
    uint16_t address_port; /* the port there; 0: unknown */
    struct span method;    /* empty: unknown */
    struct span path;      /* or the whole target of the request; empty: unknown */
};

/* What may go there. The three sets have no member in common: who cannot change values sends
 * `members` alone. */
struct verdict {
    member_set members; /* of the list that was asked about: as they are */
    member_set fixed;   /* with the value that policy_fixed tells */
    member_set hashed;  /* with the value that policy_hash makes */
    bool off;           /* nothing of ours goes there at all, be it trace context or forwarded */
    int rule;           /* index of the rule that decided, or one of these */
};
enum { RULE_NONE_SET = -1, RULE_NO_MATCH = -2 };

/* Members that this service adds: `set` replaces what came, `default` gives way (DESIGN.md 5). Both
 * lists and their bytes live as long as the policy; never NULL. */
const struct baggage *policy_set(const struct policy *p);
const struct baggage *policy_default(const struct policy *p);

/* Judges every member of `b` for `to` (NULL: nothing is known of it): first rule that matches wins;
 * no rule: everything may go; no match among rules: nothing; and never what `members` forbids. All
 * members with one key are judged alike (STANDARD D16).
 * Where the target leaves open whether a rule matches (an address pattern and no address known, a
 * port pattern and no port, or another than the connection has, a name pattern and no name or one
 * that is not ASCII, a path that can be read in two ways), a member goes only if it may in both
 * cases: that rule lets it go, and so does what follows (P8). One that goes hashed in one of the
 * cases goes hashed, and one that goes fixed by the rule that matches for sure goes fixed. */
struct verdict policy_outbound(const struct policy *p, const struct target *to,
                               const struct baggage *b);

/* The text behind the key of a member that is in verdict.fixed: "=value", as long-lived as the
 * policy. `rule` is the verdict's. */
struct span policy_fixed(const struct policy *p, int rule, struct span key);

/* The members that some rule sends hashed; and the text behind the key of one: "=" and 64 digits,
 * the same for one value for ever, so that it can be made once and kept. */
enum { POLICY_HASH_LEN = 65 };
member_set policy_hashes(const struct policy *p, const struct baggage *b);
void policy_hash(const struct policy *p, const struct member *m, char out[POLICY_HASH_LEN]);

/* As baggage_fit, of any of the verdict's members, by their lengths as they go, and within the
 * limits and the order that settings give. */
member_set policy_fit(const struct policy *p, const struct verdict *v, const struct baggage *b,
                      member_set set, size_t used_members, size_t used_bytes);

/* The members whose keys go to child processes. */
member_set policy_handed_over(const struct policy *p, const struct baggage *b);

/* False if the shim is to stay out of this program: it is one of those that are always left alone,
 * or settings say so. *reason, if not NULL, becomes a static sentence. */
bool policy_wants_program(const struct policy *p, struct span exe_path, struct span arguments,
                          const char **reason);

/* The keys that `attribute_by` names: how many, at most LIMIT_ATTRIBUTE_BY, and one of them. */
size_t policy_attributes(const struct policy *p);
struct span policy_attribute(const struct policy *p, size_t i);

/* True if values of members may stand in logs. */
bool policy_logs_values(const struct policy *p);

/* The file's line of a rule, for logs; 0 if unknown. */
int policy_rule_line(const struct policy *p, int rule);

/* True if nothing keeps any member from any host. */
bool policy_is_open(const struct policy *p);

/* True if, besides, the standard's limits are the only ones. */
bool policy_is_unbound(const struct policy *p);

/* True if some rule asks for a request's method or path. */
bool policy_asks_line(const struct policy *p);

/* The least confidence at which anything of a request leaves this program: what settings say, else
 * the profile of the program (policy/profile.h), else live. */
enum confidence policy_confidence(const struct policy *p, struct span exe_path);

/* Which members of a request's baggage may apply when `now` is how sure the request is: those whose
 * key has a level of its own that is reached, and the others if `least_of_process`, which
 * policy_confidence told, is reached. */
member_set policy_released(const struct policy *p, enum confidence least_of_process,
                           enum confidence now, const struct baggage *came);

/* True if a request is of no use to any key before it is live. */
bool policy_is_for_live(const struct policy *p, enum confidence least_of_process);

/* The headers to look for in requests that are served; never NULL, and as long-lived as the policy.
 */
const struct http_watch *policy_watch(const struct policy *p);

/* Of those, the ones that are carried on as they are: bit 1u << field each. */
uint32_t policy_forwarded(const struct policy *p);

/* Splits "host[:port]" or "[v6][:port]" (RFC 3986 authority without userinfo). False: malformed.
 * The host comes without [] and without a single trailing dot. */
bool authority_split(struct span authority, uint16_t default_port, struct target *out);

/* Takes host and port (by scheme: http 80, https 443, ws, wss likewise) out of an absolute URL as
 * libcurl or an absolute-form request line has it; userinfo is skipped. False: none of these. */
bool url_split(struct span url, struct target *out);

/* The same for what libcurl takes as a URL without a scheme, "host[:port]/path": a port that is not
 * written is unknown. */
bool url_split_bare(struct span url, struct target *out);

/* NULL is fine. */
void policy_free(struct policy *p);

#endif
