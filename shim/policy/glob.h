/* Patterns of text: * stands for any bytes or none, ? for one byte, [a-z0-9] for one of a set,
 * [^a-z] for one outside of it, \ takes the meaning from what follows it. Matching allocates
 * nothing and never takes longer than the text's length times the pattern's. */
#ifndef BELLHOP_POLICY_GLOB_H
#define BELLHOP_POLICY_GLOB_H

#include "base/span.h"

/* What is wrong with a pattern, as the end of a sentence, static; NULL if nothing is. */
const char *glob_fault(struct span pattern);

/* True if the pattern, which glob_fault passed, matches all of the text. */
bool glob_match(struct span pattern, struct span text);

/* True if it matches only what is spelled so. */
bool glob_is_plain(struct span pattern);

#endif
