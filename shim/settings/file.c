/* Reads a settings file. The only user of libconfig; built into libbellhop-settings.so, which is
 * unloaded after use, so nothing that is returned points in here. */
#include "settings/file.h"

#include <stdlib.h>

#include "base/limits.h"

/* Every setting of the file. What others refer to is loaded before them. */
static const struct {
    const char *name;
    void (*load)(struct loading *l, config_setting_t *s);
    bool early;
} settings[] = {
    { "set", load_set, false },
    { "default", load_default, false },
    { "salt", load_salt, true },
    { "salt_file", load_salt, true },
    { "edge", load_edge, false },
    { "inbound", load_trust, false },
    { "tokens", load_tokens, true },
    { "make", load_make, false },
    { "outbound", load_rules, false },
    { "forward", load_forward, false },
    { "confidence", load_confidence, false },
    { "profiles", load_profiles, false },
    { "members", load_member_rules, false },
    { "limits", load_limits, false },
    { "children", load_children, false },
    { "programs", load_programs, false },
    { "attribute_by", load_attribute_by, false },
    { "log_values", load_log_values, false },
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static void load_root(struct loading *l, const config_setting_t *root, bool early)
{
    const char *names[SETTINGS];
    for (int i = 0; i < SETTINGS; i++)
        names[i] = settings[i].name;
    for (int i = 0; i < config_setting_length(root); i++) {
        config_setting_t *s = config_setting_get_elem(root, (unsigned)i);
        const char *name = config_setting_name(s);
        int which = 0;
        while (which < SETTINGS && strcmp(name, names[which]) != 0)
            which++;
        if (which == SETTINGS && !early)
            loading_unknown(l, line_of(s), name, names, SETTINGS);
        else if (which < SETTINGS && settings[which].early == early)
            settings[which].load(l, s);
    }
}

static struct policy *load_config(struct loading *l, const config_t *config)
{
    const config_setting_t *root = config_root_setting(config);
    l->draft = policy_draft_new();
    if (!l->draft) {
        loading_error(l, 0, "out of memory");
        return NULL;
    }
    load_root(l, root, true);
    load_root(l, root, false);
    if (l->failed) {
        policy_draft_free(l->draft);
        return NULL;
    }
    struct policy *p = policy_freeze(l->draft);
    if (!p)
        loading_error(l, 0, "out of memory");
    else if (l->report)
        warn_all(l, p, root);
    return p;
}

static struct policy *parse_config(struct loading *l, const char *text)
{
    struct policy *p = NULL;
    config_t config;
    config_init(&config);
    if (config_read_string(&config, text) == CONFIG_TRUE)
        p = load_config(l, &config);
    else
        loading_error(l, config_error_line(&config),
                      "%s (is a \";\" or \",\" or bracket missing, here or before?)",
                      config_error_text(&config));
    config_destroy(&config);
    return p;
}

/* libconfig's scanner calls exit() when malloc fails, which must not happen to our host: what the
 * text may need at most is tried out first. Measured: 108 bytes for each of nested lists. */
static bool memory_suffices(size_t text)
{
    void *probe = malloc(text * 160 + 65536);
    free(probe);
    return probe != NULL;
}

/* `at`: the text, a newline and a NUL. */
static struct policy *load_text(struct loading *l, const char *at, struct span text)
{
    int line;
    const char *fault = scan_fault(text, &line);
    if (fault)
        loading_error(l, line, "%s", fault);
    else if (!memory_suffices(text.len))
        loading_error(l, 0, "out of memory");
    else
        return parse_config(l, at);
    return NULL;
}

static bool abi_is_ours(struct loading *l, int abi)
{
    if (abi != SETTINGS_ABI)
        loading_error(l, 0, "this settings library has interface %d, and %d was asked for",
                      SETTINGS_ABI, abi);
    return abi == SETTINGS_ABI;
}

#define EXPORTED __attribute__((visibility("default")))

EXPORTED struct policy *bellhop_settings_load(int abi, const char *file, settings_report *report,
                                              void *arg)
{
    struct loading l = { .file = file, .report = report, .arg = arg };
    char why[FILE_WHY];
    size_t len;
    if (!abi_is_ours(&l, abi))
        return NULL;
    char *at = file_read(file, LIMIT_SETTINGS_FILE, &len, why);
    if (!at) {
        loading_error(&l, 0, "%s", why);
        return NULL;
    }
    struct policy *p = load_text(&l, at, span_make(at, len));
    free(at);
    return p;
}

static struct policy *load_copy(struct loading *l, int abi, struct span text)
{
    struct policy *p = NULL;
    char *at = NULL;
    if (!abi_is_ours(l, abi))
        return NULL;
    if (text.len > LIMIT_SETTINGS_FILE)
        loading_error(l, 0, "the text is longer than %d bytes", LIMIT_SETTINGS_FILE);
    else if (!(at = malloc(text.len + 2)))
        loading_error(l, 0, "out of memory");
    if (at) {
        if (text.len)
            memcpy(at, text.at, text.len);
        memcpy(at + text.len, "\n", 2);
        p = load_text(l, at, span_make(at, text.len));
    }
    free(at);
    return p;
}

EXPORTED struct policy *bellhop_settings_load_text(int abi, const char *name, struct span text,
                                                   settings_report *report, void *arg)
{
    struct loading l = { .file = name, .report = report, .arg = arg };
    return load_copy(&l, abi, text);
}

struct policy *bellhop_settings_load_text_for_many(int abi, const char *name, struct span text,
                                                   settings_report *report, void *arg)
{
    struct loading l = { .file = name, .report = report, .arg = arg, .for_many = true };
    return load_copy(&l, abi, text);
}
