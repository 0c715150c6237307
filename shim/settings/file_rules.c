/* The setting `outbound`: ( { hosts = [ "a", "*.b:8080" ]; keys = [ "user-id", "tenant-*" ]; }, ...
 * ), whose order matters: the first rule that matches decides. */
#include "settings/file.h"

#include <errno.h>

static void load_fixed_part(struct loading *l, config_setting_t *group)
{
    static const struct part parts[] = {
        { .name = "value", .load = load_nothing },
        { .name = "keys",
          .load = load_strings,
          .one = "key",
          .when_empty = "a group with no keys at all is of no use",
          .add = policy_draft_fixed_key,
          .fault = policy_key_fault },
    };
    bool seen[2] = { false };
    struct span value = SPAN("");
    config_setting_t *s = config_setting_get_member(group, "value");
    if (s)
        take_string(l, s, &value);
    int err = policy_draft_fixed(l->draft, value);
    if (err == -EINVAL)
        loading_error(l, line_of(s), "\"value\" is longer than %d bytes", LIMIT_GLOB);
    else if (err)
        loading_draft_error(l, line_of(group), err);
    if (err)
        return;
    load_group(l, group, parts, 2, seen);
    for (int i = 0; i < 2; i++)
        if (!seen[i])
            loading_error(l, line_of(group), "a group without \"%s\"", parts[i].name);
}

static void load_fixed(struct loading *l, config_setting_t *s, const struct part *part)
{
    (void)part;
    load_groups(l, s, "groups", "group", "{ keys = [ ... ]; value = \"...\"; }", load_fixed_part);
}

/* Which is what load_strings can report. */
static const char *hash_fault(struct span pattern)
{
    const char *fault = policy_key_fault(pattern);
    return fault
               ? fault
               : "cannot be hashed without a \"salt\": hashes of what can be guessed are no secret";
}

static void load_off(struct loading *l, config_setting_t *s, const struct part *part)
{
    bool off = false;
    (void)part;
    if (take_bool(l, s, &off) && off)
        policy_draft_off(l->draft);
}

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
    { .name = "off", .load = load_off },
    { .name = "methods",
      .load = load_strings,
      .one = "method",
      .when_empty = "a rule with no methods at all never matches; leave \"methods\" out for all",
      .add = policy_draft_method,
      .fault = policy_method_fault },
    { .name = "paths",
      .load = load_strings,
      .one = "path",
      .when_empty = "a rule with no paths at all never matches; leave \"paths\" out for all",
      .add = policy_draft_path,
      .fault = policy_path_fault },
    { .name = "hash",
      .load = load_strings,
      .one = "key",
      .add = policy_draft_hashed,
      .fault = hash_fault },
    { .name = "fixed", .load = load_fixed },
};
enum { HOSTS, KEYS, OFF, PARTS = sizeof parts / sizeof *parts };

/* A rule that is off says nothing about keys. */
static void check_rule(struct loading *l, config_setting_t *group, const bool seen[PARTS])
{
    int off = 0;
    config_setting_lookup_bool(group, "off", &off);
    if (!seen[HOSTS])
        loading_error(l, line_of(group),
                      "a rule without \"hosts\"; write hosts = [ \"*\" ]; for all");
    if (!seen[KEYS] && !off)
        loading_error(l, line_of(group),
                      "a rule without \"keys\"; write keys = [ ]; for none, keys = [ \"*\" ]; for"
                      " all");
    for (int i = KEYS; i < PARTS && off; i++)
        if (seen[i] && (i == KEYS || strcmp(parts[i].name, "hash") == 0 ||
                        strcmp(parts[i].name, "fixed") == 0))
            loading_error(l, line_of(group),
                          "a rule that is off sends nothing, whatever \"%s\" says", parts[i].name);
}

static void load_rule(struct loading *l, config_setting_t *group)
{
    bool seen[PARTS] = { false };
    int err = policy_draft_rule(l->draft, line_of(group));
    if (err) {
        loading_draft_error(l, line_of(group), err);
        return;
    }
    load_group(l, group, parts, PARTS, seen);
    check_rule(l, group, seen);
}

void load_rules(struct loading *l, config_setting_t *list)
{
    load_groups(l, list, "rules", "rule", "{ hosts = [ ... ]; keys = [ ... ]; }", load_rule);
}
