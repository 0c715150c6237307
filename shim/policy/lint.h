/* What in a policy has no effect, or more than one may think: for `bellhop check`. Rules, hosts and
 * peers count from 0. */
#ifndef BELLHOP_POLICY_LINT_H
#define BELLHOP_POLICY_LINT_H

#include "policy/policy.h"

/* The first rule with an earlier pattern that matches every target which pattern `host` of outbound
 * rule `rule` could match, so that this one is of no use; or -1. */
int policy_shadowed_by(const struct policy *p, int rule, int host);

/* True if this pattern is for hosts of the public internet without naming them, and some key goes
 * there. */
bool policy_is_public(const struct policy *p, int rule, int host);

/* The line of the first trust rule that leaves nothing for trust rule `rule` to decide; 0: none
 * does; -1: there are no more rules. *line is its own. */
int policy_trust_shadowed_by(const struct policy *p, int rule, int *line);

/* True if some outbound rule lets this key go somewhere, or there are none, and it is none that
 * never leaves. */
bool policy_key_leaves(const struct policy *p, struct span key);

/* The key and line of make rule `rule`; false: there are no more. */
bool policy_made_key(const struct policy *p, int rule, struct span *key, int *line);

#endif
