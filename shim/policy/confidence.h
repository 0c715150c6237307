/* How sure it is that a request is the one that a thread works for (DESIGN.md 5). */
#ifndef BELLHOP_POLICY_CONFIDENCE_H
#define BELLHOP_POLICY_CONFIDENCE_H

#include "base/span.h"

/* Higher is surer. NONE: there is no request, or the question was not answered. */
enum confidence {
    CONFIDENCE_NONE,
    CONFIDENCE_WEAK,
    CONFIDENCE_SOLE,
    CONFIDENCE_RESUMED,
    CONFIDENCE_IMMEDIATE,
    CONFIDENCE_LIVE
};

/* Reads "live", "immediate", "resumed", "sole" or "weak". False: none of these. */
bool confidence_parse(struct span name, enum confidence *out);

/* As it is written in settings; "none" for CONFIDENCE_NONE. Static. */
const char *confidence_name(enum confidence c);

#endif
