/* Members out of the parts of a request. */
#ifndef BELLHOP_POLICY_MAKE_H
#define BELLHOP_POLICY_MAKE_H

#include "policy/rules.h"

/* The longest value that a rule may take. */
enum { MAKE_VALUE_MAX = 512 };

/* Appends what the rules make to `made`, and returns what of `admitted` stays beside it. `lines`,
 * if not NULL, has LIMIT_MEMBERS places: the line of the rule that made each. */
member_set make_members(const struct policy *p, const struct inbound *in, member_set admitted,
                        struct buf *made, int *lines);

#endif
