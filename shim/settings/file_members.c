/* The settings `set` and `default`: ( { key = "a"; value = "b"; metadata = "p=1;q"; }, ... ). */
#include "settings/file.h"

#include <errno.h>

static const char *const names[] = { "key", "value", "metadata" };
enum { KEY, VALUE, METADATA, NAMES };

static bool read_group(struct loading *l, config_setting_t *group, struct span out[NAMES])
{
    bool good = true;
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(s);
        int which = 0;
        while (which < NAMES && strcmp(name, names[which]) != 0)
            which++;
        if (which == NAMES) {
            loading_unknown(l, line_of(s), name, names, NAMES);
            good = false;
        } else if (!take_string(l, s, &out[which])) {
            out[which] = SPAN("");
            good = false;
        }
    }
    for (int i = KEY; i <= VALUE; i++) {
        if (out[i].at)
            continue;
        loading_error(l, line_of(group), "a member without \"%s\"", names[i]);
        good = false;
    }
    return good;
}

static void refuse(struct loading *l, int line, const struct span member[NAMES], int err)
{
    int len = member[KEY].len < 80 ? (int)member[KEY].len : 80;
    const char *key = member[KEY].at;
    if (err == -EINVAL && !baggage_is_key(member[KEY]))
        loading_error(l, line,
                      "\"%.*s\" cannot be a key (letters, digits and !#$%%&'*+-.^_`|~ are allowed)",
                      len, key);
    else if (err == -EINVAL)
        loading_error(l, line,
                      "the metadata of \"%.*s\" cannot be sent; write it as in \"ttl=60;private\","
                      " other characters as %%20",
                      len, key);
    else if (err == -EEXIST)
        loading_error(l, line, "the key \"%.*s\" stands in this list already", len, key);
    else if (err == -E2BIG)
        loading_error(l, line,
                      "with \"%.*s\", set and default together are over the limit of %d members or"
                      " %d bytes",
                      len, key, LIMIT_MEMBERS, LIMIT_LIST);
    else
        loading_draft_error(l, line, err);
}

typedef int draft_member_fn(struct policy_draft *d, struct span key, struct span value,
                            struct span meta);

/* False: there is nothing to add, for a reason that was told. */
static bool expand(struct loading *l, int line, struct span key, struct span *value,
                   struct buf *room)
{
    struct span name = *value;
    int len = key.len < 80 ? (int)key.len : 80;
    enum expansion got =
        l->for_many ? template_expand(*value, NULL, room, &name) : file_expand(*value, room, &name);
    int name_len = name.len < 80 ? (int)name.len : 80;
    if (!l->for_many)
        *value = buf_span(room);
    if (got == EXPAND_UNSET)
        loading_warn(l, line, "\"%.*s\" is left out: %.*s is not set here", len, key.at, name_len,
                     name.at);
    else if (got == EXPAND_WRONG)
        loading_error(l, line,
                      "the value of \"%.*s\" has a ${ that is none of ${hostname}, ${pid}, ${exe},"
                      " ${NAME}, ${NAME:-DEFAULT}; write $${ for a plain one",
                      len, key.at);
    else if (got == EXPAND_LONG)
        loading_error(l, line, "the value of \"%.*s\" is too long", len, key.at);
    return got == EXPAND_DONE;
}

static void load_member(struct loading *l, config_setting_t *group, draft_member_fn *add)
{
    char text[LIMIT_LIST + 1];
    struct buf room = buf_over(text, sizeof text);
    struct span member[NAMES] = { { 0 } };
    if (!read_group(l, group, member) ||
        (template_is_one(member[VALUE]) &&
         !expand(l, line_of(group), member[KEY], &member[VALUE], &room)))
        return;
    int err = add(l->draft, member[KEY], member[VALUE], member[METADATA]);
    if (!err && l->for_many)
        err = policy_draft_template(l->draft, add == policy_draft_default, member[KEY],
                                    member[VALUE], member[METADATA]);
    if (err)
        refuse(l, line_of(group), member, err);
}

static void load_set_member(struct loading *l, config_setting_t *group)
{
    load_member(l, group, policy_draft_set);
}

static void load_default_member(struct loading *l, config_setting_t *group)
{
    load_member(l, group, policy_draft_default);
}

static const char form[] = "{ key = \"a\"; value = \"b\"; }";

void load_set(struct loading *l, config_setting_t *list)
{
    load_groups(l, list, "members", "member", form, load_set_member);
}

void load_default(struct loading *l, config_setting_t *list)
{
    load_groups(l, list, "members", "member", form, load_default_member);
}
