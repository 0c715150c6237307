#include "policy/glob.h"

#include <stdint.h>

#include "base/limits.h"

/* The end of the set that begins at pattern.at[at]; 0: it is not closed. */
static size_t set_end(struct span pattern, size_t at)
{
    at++;
    at += at < pattern.len && pattern.at[at] == '^';
    for (size_t first = at; at < pattern.len; at++) {
        if (pattern.at[at] == '\\')
            at++;
        else if (pattern.at[at] == ']' && at > first)
            return at + 1;
    }
    return 0;
}

/* One character of a set, and where the next begins. */
static unsigned char set_char(struct span pattern, size_t *at)
{
    *at += pattern.at[*at] == '\\';
    return (unsigned char)pattern.at[(*at)++];
}

static bool set_has(struct span pattern, size_t at, size_t end, unsigned char c)
{
    bool found = false;
    bool negated = pattern.at[at + 1] == '^';
    for (at += 1 + negated; at < end - 1;) {
        unsigned char low = set_char(pattern, &at), high = low;
        if (at + 1 < end - 1 && pattern.at[at] == '-') {
            at++;
            high = set_char(pattern, &at);
        }
        found |= c >= low && c <= high;
    }
    return found != negated;
}

static const char *set_fault(struct span pattern, size_t at, size_t end)
{
    for (at += 1 + (pattern.at[at + 1] == '^'); at < end - 1;) {
        unsigned char low = set_char(pattern, &at);
        if (at + 1 >= end - 1 || pattern.at[at] != '-')
            continue;
        at++;
        if (set_char(pattern, &at) < low)
            return "has a range in [ ] whose end comes before its beginning";
    }
    return NULL;
}

const char *glob_fault(struct span pattern)
{
    if (pattern.len == 0)
        return "is empty";
    if (pattern.len > LIMIT_GLOB)
        return "is longer than a pattern can be (256 bytes)";
    for (size_t at = 0; at < pattern.len;) {
        size_t end = at + 1;
        if (pattern.at[at] == '\\')
            end = at + 2;
        else if (pattern.at[at] == '[' && !(end = set_end(pattern, at)))
            return "has a [ that no ] closes";
        if (end > pattern.len)
            return "ends in a \\ that nothing follows";
        const char *fault = pattern.at[at] == '[' ? set_fault(pattern, at, end) : NULL;
        if (fault)
            return fault;
        at = end;
    }
    return NULL;
}

/* True if the pattern's element at *at is one that `c` satisfies; moves *at behind it. */
static bool element_has(struct span pattern, size_t *at, char c)
{
    size_t from = *at;
    switch (pattern.at[from]) {
    case '?':
        *at = from + 1;
        return true;
    case '[':
        *at = set_end(pattern, from);
        return set_has(pattern, from, *at, (unsigned char)c);
    case '\\':
        *at = from + 2;
        return pattern.at[from + 1] == c;
    default:
        *at = from + 1;
        return pattern.at[from] == c;
    }
}

/* After a mismatch only the last * can take more: what the ones before it took makes no
 * difference. So there is nothing to try out but where the last one ends. */
bool glob_match(struct span pattern, struct span text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, star_t = 0;
    while (t < text.len) {
        size_t next = p;
        if (p < pattern.len && pattern.at[p] == '*') {
            star = ++p;
            star_t = t;
        } else if (p < pattern.len && element_has(pattern, &next, text.at[t])) {
            p = next;
            t++;
        } else if (star != SIZE_MAX) {
            p = star;
            t = ++star_t;
        } else {
            return false;
        }
        if (star == pattern.len)
            return true;
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

bool glob_is_plain(struct span pattern)
{
    for (size_t i = 0; i < pattern.len; i++)
        if (strchr("*?[\\", pattern.at[i]))
            return false;
    return true;
}
