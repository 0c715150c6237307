/* Saying what is wrong with a settings file. */
#include "settings/file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"

__attribute__((format(printf, 4, 0))) static void report(struct loading *l, int line, bool is_error,
                                                         const char *format, va_list args)
{
    char text[LIMIT_LOG_LINE];
    if (!l->report)
        return;
    vsnprintf(text, sizeof text, format, args);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    l->report(l->arg, l->file, line, is_error, text);
}

void loading_error(struct loading *l, int line, const char *format, ...)
{
    va_list args;
    l->failed = true;
    va_start(args, format);
    report(l, line, true, format, args);
    va_end(args);
}

void loading_warn(struct loading *l, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report(l, line, false, format, args);
    va_end(args);
}

void loading_draft_error(struct loading *l, int line, int err)
{
    if (err == -E2BIG)
        loading_error(l, line, "too many rules or patterns (%d and %d are the limits)", LIMIT_RULES,
                      LIMIT_PATTERNS);
    else
        loading_error(l, line, "out of memory");
}

enum { NAME_MAX_LEN = 31 };

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance, of names up to NAME_MAX_LEN. */
static size_t distance(struct span a, struct span b)
{
    size_t row[NAME_MAX_LEN + 1];
    for (size_t k = 0; k <= b.len; k++)
        row[k] = k;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= b.len; k++) {
            size_t above = row[k];
            size_t same = (a.at[i - 1] | 0x20) == (b.at[k - 1] | 0x20);
            row[k] = min3(above + 1, row[k - 1] + 1, diagonal + !same);
            diagonal = above;
        }
    }
    return row[b.len];
}

static const char *nearest(const char *name, const char *const *known, size_t count)
{
    const char *best = NULL;
    size_t least = 3; /* more than two slips are another word */
    struct span given = span_of(name);
    if (given.len > NAME_MAX_LEN)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(given, span_of(known[i]));
        if (d < least && d < span_of(known[i]).len) {
            least = d;
            best = known[i];
        }
    }
    return best;
}

void loading_unknown(struct loading *l, int line, const char *name, const char *const *known,
                     size_t count)
{
    char all[320];
    struct buf list = buf_over(all, sizeof all - 1);
    const char *meant = nearest(name, known, count);
    for (size_t i = 0; i < count; i++) {
        buf_puts(&list, i ? ", " : "");
        buf_puts(&list, known[i]);
    }
    all[list.len] = 0;
    if (meant)
        loading_error(l, line, "unknown setting \"%.60s\"; did you mean \"%s\"?", name, meant);
    else
        loading_error(l, line, "unknown setting \"%.60s\" (known here: %s)", name, all);
}

const char *type_name(const config_setting_t *s)
{
    switch (config_setting_type(s)) {
    case CONFIG_TYPE_GROUP:
        return "a group { }";
    case CONFIG_TYPE_LIST:
        return "a list ( )";
    case CONFIG_TYPE_ARRAY:
        return "an array [ ]";
    case CONFIG_TYPE_STRING:
        return "a string";
    case CONFIG_TYPE_BOOL:
        return "a boolean";
    default:
        return "a number";
    }
}
