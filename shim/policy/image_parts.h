/* The inside of an image, for who takes it apart and who checks it. */
#ifndef BELLHOP_POLICY_IMAGE_PARTS_H
#define BELLHOP_POLICY_IMAGE_PARTS_H

#include "policy/image.h"
#include "policy/member_list.h"
#include "policy/rules.h"

struct image {
    uint32_t magic, version;
    uint64_t layout; /* of the types that it is made of */
    uint64_t length; /* of all of it */
    uint64_t sum;    /* of what follows */
    struct policy policy;
};

/* Behind it. */
struct image_room {
    struct member_list set, fallback;
    char value[LIMIT_LIST + 1];
};

_Static_assert(sizeof(struct image_room) + 16 <= IMAGE_ROOM, "see policy_adopt");

/* Makes the head of an image of so many bytes. */
void image_seal(struct image *i, size_t len);

/* Clears the gaps in the items of a policy's arrays, which are a copy. */
void image_tidy(const struct policy *p);

/* True if all that the policy, whose pointers point into it, says has a meaning. What is said twice
 * is said anew. */
bool image_check(struct policy *p);

#endif
