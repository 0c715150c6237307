/* The members of `set` or of `default`, as one field value. Nothing here allocates. */
#ifndef BELLHOP_POLICY_MEMBER_LIST_H
#define BELLHOP_POLICY_MEMBER_LIST_H

#include "baggage/baggage.h"

/* All zero is an empty one. It must not move: `parsed` points into it. */
struct member_list {
    char text[LIMIT_LIST];
    size_t len;
    struct baggage parsed; /* of text */
};

/* Adds a member with a plain value; `other` is the one that goes out with it. 0, or the list is as
 * it was: -EINVAL for what cannot be, -EEXIST, or -E2BIG over a limit. */
int member_list_add(struct member_list *l, const struct member_list *other, struct span key,
                    struct span value, struct span meta);

#endif
