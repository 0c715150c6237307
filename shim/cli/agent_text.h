/* Baggage lists as the agent keeps them: text on the heap, NULL for none. */
#ifndef BELLHOP_CLI_AGENT_TEXT_H
#define BELLHOP_CLI_AGENT_TEXT_H

#include <stdbool.h>

#include "baggage/baggage.h"

/* The members of both, the weaker ones first; of one key those of `strong` stand. `cut` false: all
 * or nothing; true: weaker ones that go over a limit are left out. Returns a new text, or NULL for
 * none. *failed is set where there is no memory or (cut false) a limit. */
char *text_merge(struct span strong, struct span weak, bool cut, bool *failed);

/* Without the members of these keys (KEY fields follow each other in a message: see wire.h). */
struct wire_in;
char *text_without(struct span text, const struct wire_in *keys, bool *failed);

/* A list that is well-formed as a whole, in the form in which it is sent; NULL: it is not, or
 * empty, or over a limit, or no memory. */
char *text_checked(struct span list);

#endif
