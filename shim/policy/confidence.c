#include "policy/confidence.h"

static const char names[][10] = {
    [CONFIDENCE_NONE] = "none",           [CONFIDENCE_WEAK] = "weak",
    [CONFIDENCE_SOLE] = "sole",           [CONFIDENCE_RESUMED] = "resumed",
    [CONFIDENCE_IMMEDIATE] = "immediate", [CONFIDENCE_LIVE] = "live",
};

bool confidence_parse(struct span name, enum confidence *out)
{
    for (int i = CONFIDENCE_WEAK; i <= CONFIDENCE_LIVE; i++) {
        if (!span_equal(name, span_of(names[i])))
            continue;
        *out = (enum confidence)i;
        return true;
    }
    return false;
}

const char *confidence_name(enum confidence c)
{
    return names[c];
}
