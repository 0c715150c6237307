/* What the settings have in common: groups with known names, lists of groups, lists of strings. */
#include "settings/file.h"

#include <errno.h>

enum { PARTS_MAX = 24 };

void load_group(struct loading *l, config_setting_t *group, const struct part *parts, size_t count,
                bool *seen)
{
    const char *names[PARTS_MAX];
    for (size_t i = 0; i < count; i++)
        names[i] = parts[i].name;
    for (int i = 0; i < config_setting_length(group); i++) {
        config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
        size_t which = 0;
        while (which < count && strcmp(config_setting_name(s), names[which]) != 0)
            which++;
        if (which == count) {
            loading_unknown(l, line_of(s), config_setting_name(s), names, count);
            continue;
        }
        if (seen)
            seen[which] = true;
        parts[which].load(l, s, &parts[which]);
    }
}

void load_groups(struct loading *l, config_setting_t *list, const char *many, const char *one,
                 const char *form, load_group_fn *load)
{
    if (config_setting_type(list) != CONFIG_TYPE_LIST) {
        loading_error(l, line_of(list), "\"%s\" must be a list of %s, ( %s ), not %s",
                      config_setting_name(list), many, form, type_name(list));
        return;
    }
    for (int i = 0; i < config_setting_length(list); i++) {
        config_setting_t *group = config_setting_get_elem(list, (unsigned)i);
        if (config_setting_type(group) == CONFIG_TYPE_GROUP)
            load(l, group);
        else
            loading_error(l, line_of(group), "a %s must be a group, %s, not %s", one, form,
                          type_name(group));
    }
}

void load_nothing(struct loading *l, config_setting_t *s, const struct part *part)
{
    (void)l, (void)s, (void)part;
}

static void load_item(struct loading *l, const config_setting_t *s, const struct part *part)
{
    if (config_setting_type(s) != CONFIG_TYPE_STRING) {
        loading_error(l, line_of(s), "a %s must be a string in quotes, not %s", part->one,
                      type_name(s));
        return;
    }
    struct span text = span_of(config_setting_get_string(s));
    int err = part->add(l->draft, text);
    const char *fault = err == -EINVAL || err == -EPERM ? part->fault(text) : NULL;
    if (fault)
        loading_error(l, line_of(s), "the %s \"%.80s\" %s", part->one, text.at, fault);
    else if (err == -EEXIST)
        loading_error(l, line_of(s), "the %s \"%.80s\" stands here twice", part->one, text.at);
    else if (err == -E2BIG && part->max)
        loading_error(l, line_of(s), "too many %ss (%d is the limit)", part->one, part->max);
    else if (err)
        loading_draft_error(l, line_of(s), err);
}

void load_strings(struct loading *l, config_setting_t *s, const struct part *part)
{
    int type = config_setting_type(s);
    if (type != CONFIG_TYPE_LIST && type != CONFIG_TYPE_ARRAY) {
        loading_error(l, line_of(s), "\"%s\" must be a list of strings, [ \"a\", \"b\" ], not %s",
                      part->name, type_name(s));
        return;
    }
    int count = config_setting_length(s);
    if (count == 0 && part->when_empty)
        loading_error(l, line_of(s), "%s", part->when_empty);
    for (int i = 0; i < count; i++)
        load_item(l, config_setting_get_elem(s, (unsigned)i), part);
}

size_t load_field(struct loading *l, const config_setting_t *s, const struct field *fields,
                  size_t count)
{
    const char *names[PARTS_MAX], *name = config_setting_name(s);
    size_t i = 0;
    for (size_t k = 0; k < count; k++)
        names[k] = fields[k].name;
    while (i < count && strcmp(name, names[i]) != 0)
        i++;
    if (i == count)
        loading_unknown(l, line_of(s), name, names, count);
    else if (fields[i].text)
        take_string(l, s, fields[i].text);
    else if (fields[i].flag)
        take_bool(l, s, fields[i].flag);
    return i;
}

void loading_fault(struct loading *l, const config_setting_t *group, const char *what,
                   const char *fault, const char *part)
{
    const config_setting_t *at = part ? config_setting_get_member(group, part) : NULL;
    const char *text = at ? config_setting_get_string(at) : NULL;
    /* what members hold stands in no message */
    if (text && strcmp(part, "value") != 0 && strcmp(part, "metadata") != 0)
        loading_error(l, line_of(at), "the %s \"%.80s\" %s", part, text, fault);
    else
        loading_error(l, line_of(at ? at : group), "%s %s", at ? part : what, fault);
}

bool take_string(struct loading *l, const config_setting_t *s, struct span *out)
{
    if (config_setting_type(s) == CONFIG_TYPE_STRING) {
        *out = span_of(config_setting_get_string(s));
        return true;
    }
    loading_error(l, line_of(s), "\"%s\" must be a string in quotes, not %s",
                  config_setting_name(s), type_name(s));
    return false;
}

bool take_bool(struct loading *l, const config_setting_t *s, bool *out)
{
    if (config_setting_type(s) == CONFIG_TYPE_BOOL) {
        *out = config_setting_get_bool(s);
        return true;
    }
    loading_error(l, line_of(s), "\"%s\" must be true or false, not %s", config_setting_name(s),
                  type_name(s));
    return false;
}

bool take_number(struct loading *l, const config_setting_t *s, int min, int max, int *out)
{
    const char *name = config_setting_name(s);
    bool is_int = config_setting_type(s) == CONFIG_TYPE_INT;
    if (is_int && config_setting_get_int(s) >= min && config_setting_get_int(s) <= max) {
        *out = config_setting_get_int(s);
        return true;
    }
    loading_error(l, line_of(s), "%s%s%s must be a number from %d to %d%s%s", name ? "\"" : "",
                  name ? name : "a port", name ? "\"" : "", min, max, is_int ? "" : ", not ",
                  is_int ? "" : type_name(s));
    return false;
}

bool take_confidence(struct loading *l, const config_setting_t *s, enum confidence *out)
{
    struct span text;
    if (!take_string(l, s, &text))
        return false;
    if (confidence_parse(text, out))
        return true;
    loading_error(l, line_of(s),
                  "the confidence \"%.80s\" is none; it is one of live, immediate,"
                  " resumed, sole, weak",
                  text.at);
    return false;
}
