/* The inside of the settings file's reader. */
#ifndef BELLHOP_SETTINGS_FILE_H
#define BELLHOP_SETTINGS_FILE_H

#include <libconfig.h>

#include "base/buf.h"
#include "policy/draft_inbound.h"
#include "policy/template.h"
#include "settings/file_text.h"
#include "settings/settings.h"

/* One load. */
struct loading {
    const char *file;
    settings_report *report; /* or NULL */
    void *arg;
    bool failed;   /* an error was reported */
    bool for_many; /* what differs between programs stays as it is written */
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

/* As template_expand, for this program. */
enum expansion file_expand(struct span text, struct buf *out, struct span *name);

/* Looks at the text before libconfig does, for what libconfig must not see: it opens @include files
 * whatever they are, stops at NUL bytes, recurses by nesting, and takes quadratic time over the
 * settings of one group. Returns NULL and may set nothing, or a static sentence and its line. */
const char *scan_fault(struct span text, int *line);

/* A setting within a group. */
struct part {
    const char *name;
    void (*load)(struct loading *l, config_setting_t *s, const struct part *part);
    /* For load_strings: */
    const char *one;        /* what an item is called */
    const char *when_empty; /* the error; NULL: it may be */
    int (*add)(struct policy_draft *d, struct span item);
    const char *(*fault)(struct span item);
    int max; /* of items, for the message about too many; 0: the common one */
};

/* Hands each setting of the group to its part, and sets that one's seen[], if not NULL. */
void load_group(struct loading *l, config_setting_t *group, const struct part *parts, size_t count,
                bool *seen);

/* Hands each group of a list to `load`. The words are for messages: "rules", "rule", "{ ... }". */
typedef void load_group_fn(struct loading *l, config_setting_t *group);
void load_groups(struct loading *l, config_setting_t *list, const char *many, const char *one,
                 const char *form, load_group_fn *load);

/* For a part that its group has read already. */
void load_nothing(struct loading *l, config_setting_t *s, const struct part *part);

/* Adds each string of a list, by the part's own functions. */
void load_strings(struct loading *l, config_setting_t *s, const struct part *part);

/* A setting that is a text, a flag, or (neither) something that the caller takes. */
struct field {
    const char *name;
    struct span *text;
    bool *flag;
};

/* Takes the setting if one of the fields has its name; which one, or `count`: an unknown name,
 * which was reported. */
size_t load_field(struct loading *l, const config_setting_t *s, const struct field *fields,
                  size_t count);

/* Reports what is wrong with a part of a group, which is quoted if it is a text; or with the group
 * itself, called `what`, where `part` is NULL. */
void loading_fault(struct loading *l, const config_setting_t *group, const char *what,
                   const char *fault, const char *part);

/* One value; false: an error that was reported. */
bool take_string(struct loading *l, const config_setting_t *s, struct span *out);
bool take_bool(struct loading *l, const config_setting_t *s, bool *out);
bool take_number(struct loading *l, const config_setting_t *s, int min, int max, int *out);
bool take_confidence(struct loading *l, const config_setting_t *s, enum confidence *out);

/* One setting of the file each. */
void load_set(struct loading *l, config_setting_t *list);
void load_default(struct loading *l, config_setting_t *list);
void load_rules(struct loading *l, config_setting_t *list);
void load_salt(struct loading *l, config_setting_t *s); /* and salt_file */
void load_tokens(struct loading *l, config_setting_t *list);
void load_edge(struct loading *l, config_setting_t *s);
void load_trust(struct loading *l, config_setting_t *list);
void load_make(struct loading *l, config_setting_t *list);
void load_forward(struct loading *l, config_setting_t *list);
void load_confidence(struct loading *l, config_setting_t *s);
void load_profiles(struct loading *l, config_setting_t *list);
void load_member_rules(struct loading *l, config_setting_t *list);
void load_limits(struct loading *l, config_setting_t *group);
void load_children(struct loading *l, config_setting_t *list);
void load_programs(struct loading *l, config_setting_t *group);
void load_attribute_by(struct loading *l, config_setting_t *list);
void load_log_values(struct loading *l, config_setting_t *s);

/* Reports what has no effect, or more than one may think, in a file without errors. */
void warn_all(struct loading *l, const struct policy *p, const config_setting_t *root);

/* What a setting is, for people: "a string", "a group { }". */
const char *type_name(const config_setting_t *s);

static inline int line_of(const config_setting_t *s)
{
    return (int)config_setting_source_line(s);
}

#endif
