/* Paths of requests, and patterns of them: segments between slashes, each a glob (policy/glob.h) or
 * {} for the part that is to be taken out; ** at the end stands for all that may follow, or
 * nothing.
 */
#ifndef BELLHOP_POLICY_PATH_H
#define BELLHOP_POLICY_PATH_H

#include "policy/host_match.h"

/* What is wrong with a pattern, as the end of a sentence, static; NULL if nothing is. */
const char *path_fault(struct span pattern);

/* True if the pattern has a {}. */
bool path_takes(struct span pattern);

/* The path of a request's target, without query; empty: it has none ("*", a host for CONNECT). */
struct span path_of_target(struct span target);

/* The query, without ?; `at` is NULL: none. */
struct span query_of_target(struct span target);

/* True if readers disagree about what a path names: dot segments, empty ones, backslashes, escapes
 * of what needs none, control characters, and bytes that are not ASCII, which some escape. */
bool path_is_doubtful(struct span path);

/* True if an escape is written "%c3": the same to readers as "%C3", and not to patterns. */
bool path_has_small_escape(struct span path);

/* Matches as it is spelled. NO or YES; *taken is what {} stands for. The caller has asked
 * path_is_doubtful. */
bool path_match(struct span pattern, struct span path, struct span *taken);

/* The next character of an escaped text, whose `+` is a space if `plus`; a malformed escape stands
 * for itself. -1: there is no more. */
int unescape_next(struct span *rest, bool plus);

#endif
