#include "policy/template.h"

#include "policy/profile.h"

enum { NAME_LEN_MAX = 127 };

static bool is_name(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i], lower = (char)(c | 0x20);
        if (c != '_' && (lower < 'a' || lower > 'z') && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return s.len > 0 && s.len <= NAME_LEN_MAX;
}

/* Empty: there is none, or it is empty. */
static struct span variable(const struct surroundings *s, struct span name)
{
    for (char *const *e = s->environment; e && *e; e++)
        if (strncmp(*e, name.at, name.len) == 0 && (*e)[name.len] == '=')
            return span_of(*e + name.len + 1);
    return SPAN("");
}

/* "NAME" or "NAME:-DEFAULT". */
static enum expansion put_variable(const struct surroundings *s, struct buf *out, struct span inner)
{
    const char *cut = inner.len ? memmem(inner.at, inner.len, ":-", 2) : NULL;
    struct span key = cut ? span_make(inner.at, (size_t)(cut - inner.at)) : inner;
    if (!is_name(key))
        return EXPAND_WRONG;
    struct span value = s ? variable(s, key) : SPAN("");
    if (value.len)
        buf_put(out, value);
    else if (cut)
        buf_put(out, span_make(cut + 2, inner.len - key.len - 2));
    else if (s)
        return EXPAND_UNSET;
    return EXPAND_DONE;
}

static enum expansion put_inner(const struct surroundings *s, struct buf *out, struct span inner)
{
    if (span_equal(inner, SPAN("hostname")))
        buf_put(out, s ? s->hostname : SPAN(""));
    else if (span_equal(inner, SPAN("exe")))
        buf_put(out, s ? profile_base_name(s->exe) : SPAN(""));
    else if (!span_equal(inner, SPAN("pid")))
        return put_variable(s, out, inner);
    else if (s)
        buf_putu(out, s->pid);
    return EXPAND_DONE;
}

enum expansion template_expand(struct span text, const struct surroundings *s, struct buf *out,
                               struct span *name)
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
        enum expansion got = rest.at ? put_inner(s, out, *name) : EXPAND_WRONG;
        if (got != EXPAND_DONE)
            return got;
        text = rest;
    }
    return out->cut ? EXPAND_LONG : EXPAND_DONE;
}

bool template_is_one(struct span text)
{
    return text.len && memmem(text.at, text.len, "${", 2);
}
