/* The setting `outbound`: ( { hosts = [ "a", "*.b:8080" ]; keys = [ "user-id", "tenant-*" ]; }, ...
 * ), whose order matters: the first rule that matches decides. */
#include "settings/file.h"

#include <errno.h>

static const struct part {
    const char *name;
    const char *one; /* what an item is */
    const char *when_missing;
    bool may_be_empty;
    int (*add)(struct policy_draft *d, struct span pattern);
    const char *(*fault)(struct span pattern);
} parts[] = {
    { "hosts", "host", "a rule without \"hosts\"; write hosts = [ \"*\" ]; for all", false,
      policy_draft_host, policy_host_fault },
    { "keys", "key",
      "a rule without \"keys\"; write keys = [ ]; for none, keys = [ \"*\" ]; for all", true,
      policy_draft_key, policy_key_fault },
};
enum { HOSTS, KEYS, PARTS };
static const char *const names[] = { "hosts", "keys" };

static bool is_sequence(const config_setting_t *s)
{
    int type = config_setting_type(s);
    return type == CONFIG_TYPE_LIST || type == CONFIG_TYPE_ARRAY;
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
    if (err == -EINVAL)
        loading_error(l, line_of(s), "the %s \"%.80s\" %s", part->one, text.at, part->fault(text));
    else if (err)
        loading_draft_error(l, line_of(s), err);
}

static void load_part(struct loading *l, const config_setting_t *s, const struct part *part)
{
    if (!is_sequence(s)) {
        loading_error(l, line_of(s), "\"%s\" must be a list of strings, [ \"a\", \"b\" ], not %s",
                      part->name, type_name(s));
        return;
    }
    int count = config_setting_length(s);
    if (count == 0 && !part->may_be_empty)
        loading_error(l, line_of(s), "a rule with no %s at all never matches", part->name);
    for (int i = 0; i < count; i++)
        load_item(l, config_setting_get_elem(s, (unsigned)i), part);
}

static void load_rule(struct loading *l, config_setting_t *group)
{
    bool seen[PARTS] = { false };
    int err = policy_draft_rule(l->draft, line_of(group));
    if (err) {
        loading_draft_error(l, line_of(group), err);
        return;
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
        int which = 0;
        while (which < PARTS && strcmp(config_setting_name(s), names[which]) != 0)
            which++;
        if (which == PARTS) {
            loading_unknown(l, line_of(s), config_setting_name(s), names, PARTS);
            continue;
        }
        seen[which] = true;
        load_part(l, s, &parts[which]);
    }
    for (int i = 0; i < PARTS; i++)
        if (!seen[i])
            loading_error(l, line_of(group), "%s", parts[i].when_missing);
}

void load_rules(struct loading *l, config_setting_t *list)
{
    if (config_setting_type(list) != CONFIG_TYPE_LIST) {
        loading_error(
            l, line_of(list),
            "\"outbound\" must be a list of rules, ( { hosts = [ ... ]; keys = [ ... ]; } ),"
            " not %s",
            type_name(list));
        return;
    }
    for (int i = 0; i < config_setting_length(list); i++) {
        config_setting_t *group = config_setting_get_elem(list, (unsigned)i);
        if (config_setting_type(group) == CONFIG_TYPE_GROUP)
            load_rule(l, group);
        else
            loading_error(l, line_of(group),
                          "a rule must be a group, { hosts = [ ... ]; keys = [ ... ]; }, not %s",
                          type_name(group));
    }
}

/* Every pattern is compared with all before it: above this many, which takes tens of milliseconds,
 * nobody waits for the answer. */
enum { COMPARED = 4096 };

void warn_rules(struct loading *l, const struct policy *p, config_setting_t *list)
{
    int compared = 0;
    for (int i = 0; i < config_setting_length(list); i++) {
        const config_setting_t *hosts =
            config_setting_get_member(config_setting_get_elem(list, (unsigned)i), "hosts");
        for (int k = 0; k < config_setting_length(hosts) && compared++ < COMPARED; k++) {
            const config_setting_t *s = config_setting_get_elem(hosts, (unsigned)k);
            int by = policy_shadowed_by(p, i, k);
            if (by >= 0)
                loading_warn(l, line_of(s),
                             "the host \"%.80s\" has no effect: the %s of line %d comes first and"
                             " covers it",
                             config_setting_get_string(s), by == i ? "same rule" : "rule",
                             policy_rule_line(p, by));
        }
    }
}
