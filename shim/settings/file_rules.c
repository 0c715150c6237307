/* The setting `outbound`: ( { hosts = [ "a", "*.b:8080" ]; keys = [ "user-id", "tenant-*" ]; }, ...
 * ), whose order matters: the first rule that matches decides. */
#include "settings/file.h"

static const struct part parts[] = {
    { .name = "hosts",
      .load = load_strings,
      .one = "host",
      .when_empty = "a rule with no hosts at all never matches",
      .add = policy_draft_host,
      .fault = policy_host_fault },
    { .name = "keys",
      .load = load_strings,
      .one = "key",
      .add = policy_draft_key,
      .fault = policy_key_fault },
};
enum { HOSTS, KEYS, PARTS };

static void load_rule(struct loading *l, config_setting_t *group)
{
    bool seen[PARTS] = { false };
    int err = policy_draft_rule(l->draft, line_of(group));
    if (err) {
        loading_draft_error(l, line_of(group), err);
        return;
    }
    load_group(l, group, parts, PARTS, seen);
    if (!seen[HOSTS])
        loading_error(l, line_of(group),
                      "a rule without \"hosts\"; write hosts = [ \"*\" ]; for all");
    if (!seen[KEYS])
        loading_error(l, line_of(group),
                      "a rule without \"keys\"; write keys = [ ]; for none, keys = [ \"*\" ]; for"
                      " all");
}

void load_rules(struct loading *l, config_setting_t *list)
{
    load_groups(l, list, "rules", "rule", "{ hosts = [ ... ]; keys = [ ... ]; }", load_rule);
}

/* Every pattern is compared with all before it: above this many, which takes tens of milliseconds,
 * nobody waits for the answer. */
enum { COMPARED = 4096 };

void warn_rules(struct loading *l, const struct policy *p, const config_setting_t *list)
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
