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

/* Remembers such a member as it was written, for a policy that goes to other programs
 * (policy/image.h), where its value is to be expanded (policy/template.h). */
int policy_draft_template(struct policy_draft *d, bool fallback, struct span key, struct span value,
                          struct span meta);

/* Opens the next outbound rule; hosts and keys go to the one that was opened last. */
int policy_draft_rule(struct policy_draft *d, int line);
int policy_draft_host(struct policy_draft *d, struct span pattern);
int policy_draft_key(struct policy_draft *d, struct span pattern);
int policy_draft_method(struct policy_draft *d, struct span method);
int policy_draft_path(struct policy_draft *d, struct span pattern);
int policy_draft_hashed(struct policy_draft *d, struct span key_pattern); /* needs a salt */
void policy_draft_off(struct policy_draft *d);

/* Opens the next group of keys that the open rule sends with this value. */
int policy_draft_fixed(struct policy_draft *d, struct span value);
int policy_draft_fixed_key(struct policy_draft *d, struct span pattern);

/* The most that a list may be when it is sent: 1 to the limits of the standard. */
void policy_draft_limits(struct policy_draft *d, unsigned members, unsigned bytes);
int policy_draft_first(struct policy_draft *d, struct span key_pattern);

/* The keys that child processes get; without any of these calls, all. */
void policy_draft_children(struct policy_draft *d);
int policy_draft_child_key(struct policy_draft *d, struct span pattern);

int policy_draft_include(struct policy_draft *d, struct span pattern);
int policy_draft_exclude(struct policy_draft *d, struct span pattern);

/* A key by whose values requests are counted: a whole one, no pattern. */
int policy_draft_attribute(struct policy_draft *d, struct span key);

void policy_draft_log_values(struct policy_draft *d);

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
void policy_draft_members_never(struct policy_draft *d);

/* What is wrong with a pattern or name, as the end of a sentence, static; NULL if nothing is. */
const char *policy_host_fault(struct span pattern);
const char *policy_key_fault(struct span pattern);
const char *policy_program_fault(struct span pattern);
const char *policy_choice_fault(struct span pattern);
const char *policy_method_fault(struct span method);
const char *policy_path_fault(struct span pattern);
const char *policy_header_fault(struct span name);
const char *policy_attribute_fault(struct span key);

#endif
