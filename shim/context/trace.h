/* Trace context fields that pass through (STANDARD H): checked, never made, never changed. */
#ifndef BELLHOP_CONTEXT_TRACE_H
#define BELLHOP_CONTEXT_TRACE_H

#include "base/span.h"

/* True if the value may be sent on: version 00 in its exact form with non-zero ids, or a later
 * version that begins so (Trace Context 3.2, 4.3); never version ff; at most LIMIT_TRACEPARENT. */
bool traceparent_valid(struct span value);

/* True if the value may be sent on: printable ASCII and tabs, not blank, at most LIMIT_TRACESTATE.
 */
bool tracestate_valid(struct span value);

#endif
