/* The inside of the settings file's reader. */
#ifndef BELLHOP_SETTINGS_FILE_H
#define BELLHOP_SETTINGS_FILE_H

#include <libconfig.h>

#include "policy/policy.h"
#include "settings/settings.h"

/* One load. */
struct loading {
    const char *file;
    settings_report *report; /* or NULL */
    void *arg;
    bool failed; /* an error was reported */
    struct policy_draft *draft;
};

/* Reports one fault in words. Control characters of what is quoted become '?'. */
void loading_error(struct loading *l, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void loading_warn(struct loading *l, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reports that `name` is no setting here, and which of the `count` known ones may be meant. */
void loading_unknown(struct loading *l, int line, const char *name, const char *const *known,
                     size_t count);

/* Reports what a policy_draft call returned where it is not about a value of the file: no memory,
 * too many. */
void loading_draft_error(struct loading *l, int line, int err);

/* Looks at the text before libconfig does, for what libconfig must not see: it opens @include files
 * whatever they are, stops at NUL bytes, recurses by nesting, and takes quadratic time over the
 * settings of one group. Returns NULL and may set nothing, or a static sentence and its line. */
const char *scan_fault(struct span text, int *line);

/* One setting each: `set` and `default`, `outbound`. */
typedef int draft_member_fn(struct policy_draft *d, struct span key, struct span value,
                            struct span meta);
void load_members(struct loading *l, config_setting_t *list, draft_member_fn *add);
void load_rules(struct loading *l, config_setting_t *list);

/* Warnings about what has no effect; only for a file without errors. */
void warn_members(struct loading *l, const struct policy *p, config_setting_t *defaults);
void warn_rules(struct loading *l, const struct policy *p, config_setting_t *list);

/* What a setting is, for people: "a string", "a group { }". */
const char *type_name(const config_setting_t *s);

static inline int line_of(const config_setting_t *s)
{
    return (int)config_setting_source_line(s);
}

#endif
