/* The rest: `limits`, `children`, `programs`, `attribute_by`, `log_values`. */
#include "settings/file.h"

#include "base/limits.h"

static bool is_group(struct loading *l, const config_setting_t *s, const char *form)
{
    if (config_setting_type(s) == CONFIG_TYPE_GROUP)
        return true;
    loading_error(l, line_of(s), "\"%s\" must be a group, %s, not %s", config_setting_name(s), form,
                  type_name(s));
    return false;
}

void load_limits(struct loading *l, config_setting_t *group)
{
    static const struct part parts[] = {
        { .name = "members", .load = load_nothing },
        { .name = "bytes", .load = load_nothing },
        { .name = "first",
          .load = load_strings,
          .one = "key",
          .add = policy_draft_first,
          .fault = policy_key_fault },
    };
    int members = LIMIT_MEMBERS, bytes = LIMIT_LIST;
    if (!is_group(l, group, "{ members = 20; bytes = 2000; first = [ ... ]; }"))
        return;
    const config_setting_t *s = config_setting_get_member(group, "members");
    if (s)
        take_number(l, s, 1, LIMIT_MEMBERS, &members);
    s = config_setting_get_member(group, "bytes");
    if (s)
        take_number(l, s, 1, LIMIT_LIST, &bytes);
    load_group(l, group, parts, 3, NULL);
    policy_draft_limits(l->draft, (unsigned)members, (unsigned)bytes);
}

void load_children(struct loading *l, config_setting_t *list)
{
    static const struct part part = {
        .name = "children", .one = "key", .add = policy_draft_child_key, .fault = policy_key_fault
    };
    policy_draft_children(l->draft);
    load_strings(l, list, &part);
}

void load_programs(struct loading *l, config_setting_t *group)
{
    static const struct part parts[] = {
        { .name = "include",
          .load = load_strings,
          .one = "program",
          .add = policy_draft_include,
          .fault = policy_choice_fault },
        { .name = "exclude",
          .load = load_strings,
          .one = "program",
          .add = policy_draft_exclude,
          .fault = policy_choice_fault },
    };
    if (is_group(l, group, "{ include = [ ... ]; exclude = [ ... ]; }"))
        load_group(l, group, parts, 2, NULL);
}

void load_attribute_by(struct loading *l, config_setting_t *list)
{
    static const struct part part = { .name = "attribute_by",
                                      .one = "key",
                                      .add = policy_draft_attribute,
                                      .fault = policy_attribute_fault,
                                      .max = LIMIT_ATTRIBUTE_BY };
    load_strings(l, list, &part);
}

void load_log_values(struct loading *l, config_setting_t *s)
{
    bool wanted = false;
    if (take_bool(l, s, &wanted) && wanted)
        policy_draft_log_values(l->draft);
}
