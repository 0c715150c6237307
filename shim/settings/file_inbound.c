/* What comes in: `salt`, `edge`, `inbound`, `make`. */
#include "settings/file.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"

static void read_salt(struct loading *l, const config_setting_t *s, struct span name)
{
    char why[FILE_WHY];
    size_t len;
    char *text = file_read(name.at, LIMIT_SECRET_FILE, &len, why);
    if (!text) {
        loading_error(l, line_of(s), "the file \"%.80s\": %s", name.at, why);
        return;
    }
    while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    if (policy_draft_salt(l->draft, span_make(text, len)))
        loading_error(l, line_of(s), "the file \"%.80s\" is empty", name.at);
    else
        policy_draft_secret(l->draft);
    free(text);
}

void load_salt(struct loading *l, config_setting_t *s)
{
    const config_setting_t *other = config_setting_get_member(config_setting_parent(s), "salt");
    struct span text;
    if (!take_string(l, s, &text) || !text.len)
        return;
    if (other == s)
        policy_draft_salt(l->draft, text);
    else if (other)
        loading_error(l, line_of(s), "\"salt\" and \"salt_file\" are two answers to one question");
    else
        read_salt(l, s, text);
}

void load_edge(struct loading *l, config_setting_t *s)
{
    bool edge = false;
    config_setting_t *inbound = config_setting_get_member(config_setting_parent(s), "inbound");
    if (!take_bool(l, s, &edge) || !edge)
        return;
    policy_draft_edge(l->draft);
    if (inbound && config_setting_length(inbound))
        loading_error(l, line_of(s),
                      "with edge = true nothing is let in, whatever \"inbound\" says");
}

static void load_ports(struct loading *l, config_setting_t *s, const struct part *part)
{
    int type = config_setting_type(s);
    if (type != CONFIG_TYPE_LIST && type != CONFIG_TYPE_ARRAY) {
        loading_error(l, line_of(s), "\"ports\" must be a list of numbers, [ 80, 8080 ], not %s",
                      type_name(s));
        return;
    }
    if (config_setting_length(s) == 0)
        loading_error(l, line_of(s), "%s", part->when_empty);
    for (int i = 0; i < config_setting_length(s); i++) {
        const config_setting_t *item = config_setting_get_elem(s, (unsigned)i);
        int port, err;
        if (take_number(l, item, 1, 65535, &port) &&
            (err = policy_draft_trust_port(l->draft, (uint16_t)port)))
            loading_draft_error(l, line_of(item), err);
    }
}

static void load_trust_rule(struct loading *l, config_setting_t *group)
{
    static const struct part parts[] = {
        { .name = "keys",
          .load = load_strings,
          .one = "key",
          .add = policy_draft_trust_key,
          .fault = policy_key_fault },
        { .name = "peers",
          .load = load_strings,
          .one = "peer",
          .when_empty = "a rule with no peers at all never matches; leave \"peers\" out for all",
          .add = policy_draft_trust_peer,
          .fault = policy_peer_fault },
        { .name = "ports",
          .load = load_ports,
          .when_empty = "a rule with no ports at all never matches; leave \"ports\" out for all" },
    };
    bool seen[3] = { false };
    int err = policy_draft_trust(l->draft, line_of(group));
    if (err) {
        loading_draft_error(l, line_of(group), err);
        return;
    }
    load_group(l, group, parts, 3, seen);
    if (!seen[0])
        loading_error(l, line_of(group),
                      "a rule without \"keys\"; write keys = [ ]; for none, keys = [ \"*\" ]; for"
                      " all");
}

void load_trust(struct loading *l, config_setting_t *list)
{
    load_groups(l, list, "rules", "rule", "{ peers = [ ... ]; keys = [ ... ]; }", load_trust_rule);
}

/* --- make ------------------------------------------------------------------------------------- */

static void take_mode(struct loading *l, const config_setting_t *s, struct make_spec *spec)
{
    static const char *const modes[] = { "replace", "prefer", "keep" };
    struct span text;
    if (!take_string(l, s, &text))
        return;
    for (int i = 0; i < 3; i++) {
        if (!span_equal(text, span_of(modes[i])))
            continue;
        spec->mode = (__typeof__(spec->mode))i;
        return;
    }
    loading_error(l, line_of(s), "\"existing\" is one of replace, prefer, keep, not \"%.80s\"",
                  text.at);
}

static void take_max(struct loading *l, const config_setting_t *s, struct make_spec *spec)
{
    int max;
    if (take_number(l, s, 1, 512, &max))
        spec->max = (unsigned)max;
}

static void load_make_part(struct loading *l, const config_setting_t *s, struct make_spec *spec)
{
    const struct field fields[] = {
        { "key", &spec->key, NULL },           { "header", &spec->header, NULL },
        { "cookie", &spec->cookie, NULL },     { "query", &spec->query, NULL },
        { "path", &spec->path, NULL },         { "peer", NULL, &spec->peer },
        { "claim", &spec->claim, NULL },       { "token", &spec->token, NULL },
        { "match", &spec->match, NULL },       { "value", &spec->value, NULL },
        { "metadata", &spec->metadata, NULL }, { "lower", NULL, &spec->lower },
        { "hash", NULL, &spec->hash },         { "existing", NULL, NULL },
        { "max_length", NULL, NULL },
    };
    enum { FIELDS = sizeof fields / sizeof *fields };
    size_t which = load_field(l, s, fields, FIELDS);
    if (which == FIELDS - 2)
        take_mode(l, s, spec);
    else if (which == FIELDS - 1)
        take_max(l, s, spec);
}

static void load_make_rule(struct loading *l, config_setting_t *group)
{
    struct make_spec spec = { .line = line_of(group) };
    bool before = l->failed;
    const char *part = NULL, *fault;
    l->failed = false;
    for (int i = 0; i < config_setting_length(group); i++)
        load_make_part(l, config_setting_get_elem(group, (unsigned)i), &spec);
    int err = l->failed ? 0 : policy_draft_make(l->draft, &spec);
    l->failed |= before;
    fault = err == -EINVAL ? policy_make_fault(l->draft, &spec, &part) : NULL;
    if (fault)
        loading_fault(l, group, "a rule that", fault, part);
    else if (err == -E2BIG)
        loading_error(l, spec.line,
                      "too many rules (%d), claims (%d), names of headers (%d) or of all (%d)",
                      LIMIT_RULES, LIMIT_CLAIMS, HTTP_FORWARD_MAX, LIMIT_SOURCES);
    else if (err)
        loading_draft_error(l, spec.line, err);
}

void load_make(struct loading *l, config_setting_t *list)
{
    load_groups(l, list, "rules", "rule", "{ key = \"a\"; header = \"b\"; }", load_make_rule);
}
