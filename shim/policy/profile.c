#include "policy/profile.h"

#include "base/hot.h"

/* What is left out is as important. HAProxy reads all requests that are there and connects for each
 * of them later; nginx reads one and, before it waits again, writes another one's, or wakes one
 * that a limit_req delayed: with "resumed", both would mix requests up. Squid and Varnish share
 * what one request fetched between several. Event loops in Node.js, Python or Java run whatever
 * their programmer wrote. Servers that give each request a thread or a process of its own need no
 * entry: they are live as it is. */
static AT_START const struct {
    char name[8]; /* no pointer, which would be relocated at each start */
    enum confidence level;
} profiles[] = {
    { "php", CONFIDENCE_IMMEDIATE },
    { "php-cgi", CONFIDENCE_IMMEDIATE },
    { "php-fpm", CONFIDENCE_IMMEDIATE },
};
static const char because_php[] = "PHP runs one request's script to its end before the next";

struct span profile_base_name(struct span path)
{
    size_t from = path.len;
    while (from && path.at[from - 1] != '/')
        from--;
    return path.len ? span_make(path.at + from, path.len - from) : path;
}

static bool is_version(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != '.' && (s.at[i] < '0' || s.at[i] > '9'))
            return false;
    return s.len == 0 || s.at[0] != '.';
}

enum confidence profile_of(struct span exe_path, const char **reason)
{
    struct span name = profile_base_name(exe_path);
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        struct span known = span_of(profiles[i].name);
        if (!span_starts(name, known) ||
            !is_version(span_make(name.at + known.len, name.len - known.len)))
            continue;
        if (reason)
            *reason = because_php;
        return profiles[i].level;
    }
    return CONFIDENCE_NONE;
}
