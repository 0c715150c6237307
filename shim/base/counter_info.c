#include "base/counters.h"

#define FAMILY(name, help) static const char help_##name[] = help;
#define COUNTER(id, family, label, value)
#include "base/counters.def"
#undef FAMILY
#undef COUNTER

/* "-" stands for none. */
#define TEXT(word) (sizeof #word == 2 && #word[0] == '-' ? "" : #word)

#define FAMILY(name, help)
#define COUNTER(id, family, label, value) { #id, #family, TEXT(label), TEXT(value), help_##family },
static const struct counter_info infos[] = {
#include "base/counters.def"
};
#undef FAMILY
#undef COUNTER

const struct counter_info *counter_info(unsigned which)
{
    return which < COUNTERS ? &infos[which] : NULL;
}
