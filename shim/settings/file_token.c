/* The setting `tokens`. */
#include "settings/file.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"

enum { LEEWAY_DEFAULT = 60, LEEWAY_MAX = 3600 };

static void load_token_part(struct loading *l, const config_setting_t *s, struct token_spec *spec,
                            struct span *key_file)
{
    int leeway;
    const struct field fields[] = {
        { "name", &spec->name, NULL },
        { "header", &spec->header, NULL },
        { "cookie", &spec->cookie, NULL },
        { "unverified", NULL, &spec->unverified },
        { "algorithm", &spec->algorithm, NULL },
        { "key_file", key_file, NULL },
        { "issuer", &spec->issuer, NULL },
        { "audience", &spec->audience, NULL },
        { "without_exp", NULL, &spec->without_exp },
        { "leeway", NULL, NULL },
    };
    enum { FIELDS = sizeof fields / sizeof *fields };
    if (load_field(l, s, fields, FIELDS) == FIELDS - 1 && take_number(l, s, 0, LEEWAY_MAX, &leeway))
        spec->leeway = (unsigned)leeway;
}

static void add_token(struct loading *l, config_setting_t *group, const struct token_spec *spec)
{
    const char *part = NULL;
    int err = policy_draft_token(l->draft, spec);
    const char *fault = err == -EINVAL ? policy_token_fault(l->draft, spec, &part) : NULL;
    if (fault)
        loading_fault(l, group, "a token that", fault, part);
    else if (err == -E2BIG)
        loading_error(l, spec->line, "too many tokens (%d), or names of headers (%d) or all (%d)",
                      LIMIT_TOKENS, HTTP_FORWARD_MAX, LIMIT_SOURCES);
    else if (err)
        loading_draft_error(l, spec->line, err);
}

static void load_token(struct loading *l, config_setting_t *group)
{
    struct token_spec spec = { .line = line_of(group), .leeway = LEEWAY_DEFAULT };
    struct span key_file = { 0 };
    char why[FILE_WHY], *text = NULL;
    bool before = l->failed;
    l->failed = false;
    for (int i = 0; i < config_setting_length(group); i++)
        load_token_part(l, config_setting_get_elem(group, (unsigned)i), &spec, &key_file);
    if (!l->failed && key_file.at) {
        text = file_read(key_file.at, LIMIT_SECRET_FILE, &spec.key.len, why);
        spec.key.at = text;
        if (!text)
            loading_error(l, line_of(config_setting_get_member(group, "key_file")),
                          "the file \"%.80s\": %s", key_file.at, why);
    }
    if (!l->failed)
        add_token(l, group, &spec);
    free(text);
    l->failed |= before;
}

void load_tokens(struct loading *l, config_setting_t *list)
{
    load_groups(l, list, "tokens", "token",
                "{ name = \"a\"; header = \"b\"; algorithm = \"c\"; key_file = \"d\"; }",
                load_token);
}
