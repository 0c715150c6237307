/* ${...} in the values of `set` and `default`. */
#include "settings/file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"

static void put_hostname(struct buf *out)
{
    char name[HOST_NAME_MAX + 1] = "";
    gethostname(name, sizeof name - 1);
    buf_puts(out, name);
}

static void put_exe(struct buf *out)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path);
    struct span name = span_make(path, len > 0 ? (size_t)len : 0);
    for (size_t i = name.len; i > 0; i--)
        if (name.at[i - 1] == '/') {
            name = span_make(name.at + i, name.len - i);
            break;
        }
    buf_put(out, name);
}

static bool is_name(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i], lower = (char)(c | 0x20);
        if (c != '_' && (lower < 'a' || lower > 'z') && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return s.len > 0 && s.len < 128;
}

/* "NAME" or "NAME:-DEFAULT". */
static enum expansion put_variable(struct buf *out, struct span inner)
{
    char name[128];
    const char *cut = inner.len ? memmem(inner.at, inner.len, ":-", 2) : NULL;
    struct span key = cut ? span_make(inner.at, (size_t)(cut - inner.at)) : inner;
    if (!is_name(key))
        return EXPAND_WRONG;
    memcpy(name, key.at, key.len);
    name[key.len] = 0;
    const char *value = secure_getenv(name);
    if (value && *value)
        buf_puts(out, value);
    else if (cut)
        buf_put(out, span_make(cut + 2, inner.len - key.len - 2));
    else
        return EXPAND_UNSET;
    return EXPAND_DONE;
}

static enum expansion put_inner(struct buf *out, struct span inner)
{
    if (span_equal(inner, SPAN("hostname")))
        put_hostname(out);
    else if (span_equal(inner, SPAN("pid")))
        buf_putu(out, (unsigned long)getpid());
    else if (span_equal(inner, SPAN("exe")))
        put_exe(out);
    else
        return put_variable(out, inner);
    return EXPAND_DONE;
}

enum expansion file_expand(struct span text, struct buf *out, struct span *name)
{
    while (text.len) {
        struct span rest;
        bool literal = span_starts(text, SPAN("$${"));
        if (literal || !span_starts(text, SPAN("${"))) {
            buf_put(out, literal ? SPAN("${") : span_make(text.at, 1));
            text = span_make(text.at + (literal ? 3 : 1), text.len - (literal ? 3 : 1));
            continue;
        }
        *name = span_cut(span_make(text.at + 2, text.len - 2), '}', &rest);
        enum expansion got = rest.at ? put_inner(out, *name) : EXPAND_WRONG;
        if (got != EXPAND_DONE)
            return got;
        text = rest;
    }
    return out->cut ? EXPAND_LONG : EXPAND_DONE;
}
