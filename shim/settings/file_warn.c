/* Warnings: what has no effect, or more than one may think. Only for a file without errors. */
#include "policy/lint.h"
#include "settings/file.h"

/* Every pattern is compared with all before it: above this many, which takes tens of milliseconds,
 * nobody waits for the answer. */
enum { COMPARED = 4096 };

static int shown(struct span s)
{
    return (int)(s.len < 80 ? s.len : 80);
}

/* Where the list has this key; some of its members may have been left out. */
static int line_of_key(const config_setting_t *list, struct span key)
{
    for (int i = 0; list && i < config_setting_length(list); i++) {
        const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);
        const config_setting_t *s = config_setting_get_member(group, "key");
        if (s && span_equal(span_of(config_setting_get_string(s)), key))
            return line_of(group);
    }
    return 0;
}

static void warn_stays(struct loading *l, const struct policy *p, struct span key, int line)
{
    if (!policy_key_leaves(p, key))
        loading_warn(l, line, "the key \"%.*s\" is sent nowhere: \"%s\" keeps it home", shown(key),
                     key.at, policy_rule_line(p, 0) ? "outbound" : "members");
}

static void warn_members(struct loading *l, const struct policy *p, const struct baggage *b,
                         const config_setting_t *list)
{
    for (uint32_t i = 0; i < b->count; i++) {
        struct span key = member_key(&b->member[i]);
        int line = line_of_key(list, key);
        if (b == policy_default(p) && baggage_find(policy_set(p), key) >= 0)
            loading_warn(l, line, "the default of \"%.*s\" has no effect: \"set\" has the same key",
                         shown(key), key.at);
        else
            warn_stays(l, p, key, line);
    }
}

static void warn_host(struct loading *l, const struct policy *p, const config_setting_t *s,
                      int rule, int host)
{
    int by = policy_shadowed_by(p, rule, host);
    const char *text = config_setting_get_string(s);
    if (by >= 0)
        loading_warn(l, line_of(s),
                     "the host \"%.80s\" has no effect: the %s of line %d comes first and"
                     " covers it",
                     text, by == rule ? "same rule" : "rule", policy_rule_line(p, by));
    else if (policy_is_public(p, rule, host))
        loading_warn(l, line_of(s),
                     "the host \"%.80s\" reaches the public internet, and \"keys\" is not empty",
                     text);
}

static void warn_rules(struct loading *l, const struct policy *p, const config_setting_t *list)
{
    int compared = 0;
    for (int i = 0; list && i < config_setting_length(list); i++) {
        const config_setting_t *hosts =
            config_setting_get_member(config_setting_get_elem(list, (unsigned)i), "hosts");
        for (int k = 0; k < config_setting_length(hosts) && compared++ < COMPARED; k++)
            warn_host(l, p, config_setting_get_elem(hosts, (unsigned)k), i, k);
    }
}

static void warn_trust(struct loading *l, const struct policy *p)
{
    int line, by;
    for (int i = 0; i < COMPARED / 4 && (by = policy_trust_shadowed_by(p, i, &line)) >= 0; i++)
        if (by)
            loading_warn(l, line, "the rule never decides: that of line %d comes first", by);
}

void warn_all(struct loading *l, const struct policy *p, const config_setting_t *root)
{
    struct span key;
    int line;
    warn_members(l, p, policy_set(p), config_setting_get_member(root, "set"));
    warn_members(l, p, policy_default(p), config_setting_get_member(root, "default"));
    warn_rules(l, p, config_setting_get_member(root, "outbound"));
    warn_trust(l, p);
    for (int i = 0; i < COMPARED / 4 && policy_made_key(p, i, &key, &line); i++)
        warn_stays(l, p, key, line);
}
