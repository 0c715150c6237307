/* The fields of a request's head that matter, as they came: every line of them in order, in one
 * block of memory. Written by who reads the head, read-only from then on. */
#ifndef BELLHOP_CONTEXT_CAPTURE_H
#define BELLHOP_CONTEXT_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct capture;

/* More bytes of the value of `field` (enum http_field): of a new line, or of the one that was fed
 * last. *c is made (from NULL) and made anew as needed. What there is no room for is cut off, and
 * all that follows it is left out. */
void capture_feed(struct capture **c, unsigned field, struct span bytes, bool new_line);

/* The lines in order, `*at` is 0 at first; false: no more. A line that was cut comes only if what
 * is there has a meaning: a list of baggage members ends before the one that was cut. */
bool capture_next(const struct capture *c, uint32_t *at, unsigned *field, struct span *value);

/* True if a line of that field came. */
bool capture_has(const struct capture *c, unsigned field);

/* True for the first one who asks; then whoever looks at it need not count what is wrong with it.
 * NULL: nothing can be. */
bool capture_first_look(const struct capture *c);

/* NULL is fine. */
void capture_free(struct capture *c);

#endif
