/* A policy as one piece of bytes, in which nothing points anywhere: how an agent hands one to
 * programs that cannot read a file. What the program has of it is checked as a stranger's would be:
 * whatever the bytes are, the policy that is made of them breaks no memory, and sends nothing that
 * is not legal. Only adopting is for hooks. */
#ifndef BELLHOP_POLICY_IMAGE_H
#define BELLHOP_POLICY_IMAGE_H

#include "policy/policy.h"
#include "policy/template.h"

struct token_verifier;

/* The bytes that adopting one wants behind it. An image has LIMIT_IMAGE at most. */
#define IMAGE_ROOM 65536

/* Writes the image, aligned for any type, of a policy that was read for many programs
 * (bellhop_settings_load_text_for_many). Returns its length, a multiple of 8, or 0: it needs more
 * than `max`. The same policy has the same image, wherever it stands. */
size_t policy_pack(const struct policy *p, char *out, size_t max);

enum image_fault {
    IMAGE_GOOD,
    IMAGE_FOREIGN,  /* of another version, or of a machine with other types */
    IMAGE_BROKEN,   /* no agent wrote this */
    IMAGE_LARGE,    /* `set` and `default` are over the limits, as they are in this program */
    IMAGE_VERIFIER, /* it has tokens to verify, and `v` is NULL */
};

/* Makes the image of `len` bytes, a copy that nobody else writes to, into the policy that it is, in
 * its place: with IMAGE_ROOM bytes behind it, it is what *out lives in, so that *out must not be
 * freed. `v` looks at tokens. Unless GOOD, the bytes are of no more use. Allocates nothing, makes
 * no system call; async-signal-safe. */
enum image_fault policy_adopt(char *image, size_t len, const struct surroundings *s,
                              const struct token_verifier *v, struct policy **out);

/* True if it holds what stood in a file that not everybody may be able to read. */
bool policy_is_secret(const struct policy *p);

#endif
