/* `confidence`, `profiles`, `members`; and `forward`. */
#include "settings/file.h"

void load_confidence(struct loading *l, config_setting_t *s)
{
    enum confidence least;
    if (config_setting_type(s) == CONFIG_TYPE_STRING &&
        strcmp(config_setting_get_string(s), "auto") == 0)
        return;
    if (take_confidence(l, s, &least))
        policy_draft_confidence(l->draft, least);
}

void load_forward(struct loading *l, config_setting_t *s)
{
    static const struct part part = { .name = "forward",
                                      .one = "header",
                                      .add = policy_draft_forward,
                                      .fault = policy_header_fault,
                                      .max = HTTP_FORWARD_MAX };
    load_strings(l, s, &part);
}

static void load_profile(struct loading *l, config_setting_t *group)
{
    static const struct part parts[] = {
        { .name = "programs",
          .load = load_strings,
          .one = "program",
          .when_empty = "a profile with no programs at all is of no use",
          .add = policy_draft_profile_program,
          .fault = policy_program_fault },
        { .name = "confidence", .load = load_nothing },
    };
    bool seen[2] = { false };
    enum confidence least = CONFIDENCE_LIVE;
    config_setting_t *level = config_setting_get_member(group, "confidence");
    if (level)
        take_confidence(l, level, &least);
    int err = policy_draft_profile(l->draft, least);
    if (err) {
        loading_draft_error(l, line_of(group), err);
        return;
    }
    load_group(l, group, parts, 2, seen);
    for (int i = 0; i < 2; i++)
        if (!seen[i])
            loading_error(l, line_of(group), "a profile without \"%s\"", parts[i].name);
}

void load_profiles(struct loading *l, config_setting_t *list)
{
    load_groups(l, list, "profiles", "profile", "{ programs = [ ... ]; confidence = \"...\"; }",
                load_profile);
}

static void load_members_confidence(struct loading *l, config_setting_t *s, const struct part *part)
{
    enum confidence least;
    (void)part;
    if (take_confidence(l, s, &least))
        policy_draft_members_confidence(l->draft, least);
}

static void load_members_never(struct loading *l, config_setting_t *s, const struct part *part)
{
    bool never = false;
    (void)part;
    if (take_bool(l, s, &never) && never)
        policy_draft_members_never(l->draft);
}

static void load_member_rule(struct loading *l, config_setting_t *group)
{
    static const struct part parts[] = {
        { .name = "keys",
          .load = load_strings,
          .one = "key",
          .when_empty = "a group with no keys at all is of no use",
          .add = policy_draft_members_key,
          .fault = policy_key_fault },
        { .name = "confidence", .load = load_members_confidence },
        { .name = "never", .load = load_members_never },
    };
    bool seen[3] = { false };
    int err = policy_draft_members(l->draft, line_of(group));
    if (err) {
        loading_draft_error(l, line_of(group), err);
        return;
    }
    load_group(l, group, parts, 3, seen);
    if (!seen[0])
        loading_error(l, line_of(group), "a group without \"keys\"");
}

void load_member_rules(struct loading *l, config_setting_t *list)
{
    load_groups(l, list, "groups", "group", "{ keys = [ ... ]; ... }", load_member_rule);
}
