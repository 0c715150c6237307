/* Programs whose way of working is known, and from which confidence on a request's baggage may
 * leave them. */
#ifndef BELLHOP_POLICY_PROFILE_H
#define BELLHOP_POLICY_PROFILE_H

#include "policy/confidence.h"

/* The level for an executable, by the last part of its path, with or without a version behind it
 * (php8.2). *reason, if not NULL, becomes a static sentence. CONFIDENCE_NONE: not known. */
enum confidence profile_of(struct span exe_path, const char **reason);

/* The last part of a path. */
struct span profile_base_name(struct span path);

#endif
