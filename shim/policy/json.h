/* JSON (RFC 8259) in base64url, as tokens hold it: one walk over it finds the values of some paths.
 * Nothing is copied, nothing recurses. */
#ifndef BELLHOP_POLICY_JSON_H
#define BELLHOP_POLICY_JSON_H

#include "policy/base64.h"

enum { JSON_PATHS = 24, JSON_NAME_MAX = 128, JSON_DEPTH = 31 };

/* What stands at a path. */
enum json_kind { JSON_NONE, JSON_STRING, JSON_OTHER, JSON_LIST, JSON_BAD };

/* JSON_OTHER is a number, true or false. JSON_BAD: more than one value, an object, or null. */
struct json_value {
    uint32_t at; /* of the decoded bytes: where it begins */
    uint8_t kind;
};

/* Finds, in an object, the values of `count` (<= JSON_PATHS) paths: names, each with a NUL behind
 * it, of objects within objects. False: this is no JSON object, or deeper than JSON_DEPTH; then
 * nothing may be believed of it. */
bool json_find(struct span text, const struct span *path, size_t count, struct json_value *out);

/* The plain text of a STRING or OTHER; SIZE_MAX: neither, more than `max`, or not text at all. */
size_t json_text(struct span text, struct json_value v, char *out, size_t max);

/* True if a STRING is `want`, or a LIST has a string that is. Up to JSON_NAME_MAX bytes. */
bool json_has(struct span text, struct json_value v, struct span want);

#endif
