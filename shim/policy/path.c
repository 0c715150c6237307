#include "policy/path.h"

#include "policy/glob.h"

const char *path_fault(struct span pattern)
{
    struct span rest, segment;
    unsigned taken = 0;
    if (pattern.len == 0 || pattern.at[0] != '/')
        return "does not begin with /";
    if (pattern.len > LIMIT_GLOB)
        return "is longer than a pattern can be (256 bytes)";
    if (memchr(pattern.at, '?', pattern.len))
        return "has a ?; a path ends before its query";
    for (size_t i = 0; i < pattern.len; i++)
        if ((unsigned char)pattern.at[i] >= 0x7f)
            return "is not ASCII; in paths other characters are escaped, as in \"/caf%C3%A9\"";
    rest = span_make(pattern.at + 1, pattern.len - 1);
    do {
        segment = span_cut(rest, '/', &rest);
        const char *fault = segment.len ? glob_fault(segment) : NULL;
        if (fault)
            return fault;
        if (segment.len == 0 && rest.at)
            return "has an empty part between two slashes";
        if (span_equal(segment, SPAN(".")) || span_equal(segment, SPAN("..")))
            return "has a part . or .., which makes every path doubtful";
        if (span_equal(segment, SPAN("**")) && rest.at)
            return "has a ** that is not its last part";
        if (span_equal(segment, SPAN("{}")))
            taken++;
        else if (segment.len && memchr(segment.at, '{', segment.len))
            return "has a { that is no part of its own, as in \"/tenants/{}/**\"";
    } while (rest.at);
    return taken > 1 ? "has more than one {}" : NULL;
}

bool path_takes(struct span pattern)
{
    return pattern.len && memmem(pattern.at, pattern.len, "/{}", 3) != NULL;
}

struct span path_of_target(struct span target)
{
    struct span rest, none = { 0 };
    target = span_cut(target, '?', &rest);
    target = span_cut(target, '#', &rest);
    if (target.len && target.at[0] == '/')
        return target;
    struct span after;
    span_cut(target, ':', &after); /* absolute-form: "http://host/path" */
    if (!span_starts(after, SPAN("//")))
        return none;
    rest = span_make(after.at + 2, after.len - 2);
    const char *path = rest.len ? memchr(rest.at, '/', rest.len) : NULL;
    return path ? span_make(path, (size_t)(rest.at + rest.len - path)) : SPAN("/");
}

struct span query_of_target(struct span target)
{
    struct span query, fragment;
    span_cut(span_cut(target, '#', &fragment), '?', &query);
    return query;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that an escape at the beginning of `s` stands for; -1: there is none. */
static int escape_at(struct span s)
{
    if (s.len < 3 || s.at[0] != '%' || hex(s.at[1]) < 0 || hex(s.at[2]) < 0)
        return -1;
    return hex(s.at[1]) << 4 | hex(s.at[2]);
}

int unescape_next(struct span *rest, bool plus)
{
    if (rest->len == 0)
        return -1;
    int c = escape_at(*rest);
    size_t used = c < 0 ? 1 : 3;
    if (c < 0)
        c = plus && rest->at[0] == '+' ? ' ' : (unsigned char)rest->at[0];
    *rest = span_make(rest->at + used, rest->len - used);
    return c;
}

/* RFC 3986 section 2.3, and what may separate or step up. */
static bool is_doubtful_escape(int c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c < 0x20 ||
           strchr("-._~/\\%", c);
}

static bool is_doubtful_segment(struct span s)
{
    struct span parameters;
    s = span_cut(s, ';', &parameters);
    return s.len == 0 || span_equal(s, SPAN(".")) || span_equal(s, SPAN(".."));
}

bool path_is_doubtful(struct span path)
{
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.at[i];
        int escaped = c == '%' ? escape_at(span_make(path.at + i, path.len - i)) : ' ';
        if (c <= 0x20 || c >= 0x7f || c == '\\' || escaped < 0 || is_doubtful_escape(escaped))
            return true;
    }
    struct span rest = path.len ? span_make(path.at + 1, path.len - 1) : path;
    while (rest.at) {
        struct span segment = span_cut(rest, '/', &rest);
        if ((segment.len || rest.at) && is_doubtful_segment(segment))
            return true;
    }
    return false;
}

bool path_has_small_escape(struct span path)
{
    for (size_t i = 0; i + 2 < path.len; i++)
        if (path.at[i] == '%' && (path.at[i + 1] >= 'a' || path.at[i + 2] >= 'a'))
            return true;
    return false;
}

bool path_match(struct span pattern, struct span path, struct span *taken)
{
    if (!pattern.len || !path.len || path.at[0] != '/')
        return false;
    pattern = span_make(pattern.at + 1, pattern.len - 1);
    path = span_make(path.at + 1, path.len - 1);
    while (pattern.at) {
        struct span segment, want = span_cut(pattern, '/', &pattern);
        if (span_equal(want, SPAN("**")))
            return true;
        if (!path.at)
            return false;
        segment = span_cut(path, '/', &path);
        if (span_equal(want, SPAN("{}")) && segment.len)
            *taken = segment;
        else if (want.len == 0 ? segment.len != 0 : !glob_match(want, segment))
            return false;
    }
    return !path.at;
}
