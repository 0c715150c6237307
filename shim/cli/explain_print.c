#include <jansson.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/explain.h"

static const char *const origins[] = {
    [FROM_DEFAULT] = "default", [FROM_REQUEST] = "request", [FROM_RULE] = "rule", [FROM_SET] = "set"
};
static const char *const fates[] = { [STAYS] = "stays",
                                     [LEAVES] = "leaves",
                                     [LEAVES_HASHED] = "leaves hashed",
                                     [LEAVES_FIXED] = "leaves fixed" };

/* The value as it is sent: legal octets alone, so no terminal is steered by it. Without its hash's
 * room it is the member's own. */
static struct span value_of(const struct explanation *x, const struct policy *p,
                            const struct explained *one, char room[POLICY_HASH_LEN])
{
    struct span text;
    if (one->fate == LEAVES_FIXED)
        text = policy_fixed(p, x->verdict.rule, member_key(&one->member));
    else if (one->fate == LEAVES_HASHED) {
        policy_hash(p, &one->member, room);
        text = span_make(room, POLICY_HASH_LEN);
    } else
        return member_value(&one->member);
    return span_make(text.at + 1, text.len - 1);
}

/* Properties go with a value that is the member's own. */
static struct span meta_of(const struct explained *one)
{
    bool own = one->fate != LEAVES_HASHED && one->fate != LEAVES_FIXED;
    return own ? member_meta(&one->member) : SPAN("");
}

static void print_key(const char *what, const struct explained *one, struct span value,
                      struct span meta, bool values)
{
    printf("  %-14s %.*s", what, (int)one->member.key_len, one->member.at);
    if (values)
        printf("=%.*s%s%.*s", (int)value.len, value.len ? value.at : "", meta.len ? ";" : "",
               (int)meta.len, meta.len ? meta.at : "");
}

static void print_line(int line)
{
    if (line)
        printf("  (line %d)", line);
}

static void print_in(const struct explanation *x, bool values)
{
    puts("in:");
    for (size_t i = 0; i < x->count; i++) {
        const struct explained *one = &x->of[i];
        if (one->origin != FROM_REQUEST && one->origin != FROM_RULE)
            continue;
        const char *what = one->origin == FROM_RULE ? "made" : one->let_in ? "let in" : "dropped";
        print_key(what, one, member_value(&one->member), member_meta(&one->member), values);
        print_line(one->line);
        putchar('\n');
    }
}

void explain_print(const struct explanation *x, const struct policy *p, const struct question *q,
                   bool values)
{
    char room[POLICY_HASH_LEN];
    print_in(x, values);
    printf("to %.*s", (int)q->to.host.len, q->to.host.at);
    if (q->to.port)
        printf(":%u", q->to.port);
    print_line(policy_rule_line(p, x->verdict.rule));
    puts(x->verdict.off ? ", which is off:" : ":");
    for (size_t i = 0; i < x->count; i++) {
        const struct explained *one = &x->of[i];
        if (one->origin == FROM_REQUEST && !one->let_in)
            continue;
        print_key(fates[one->fate], one, value_of(x, p, one, room), meta_of(one), values);
        printf("  (from %s%s%s)\n", origins[one->origin], one->why ? "; " : "",
               one->why ? one->why : "");
    }
}

static json_t *member_json(const struct explanation *x, const struct policy *p,
                           const struct explained *one, bool values)
{
    char room[POLICY_HASH_LEN];
    struct span value = value_of(x, p, one, room), meta = meta_of(one);
    json_t *o =
        json_pack("{s:o, s:s, s:s}", "key", json_stringn(one->member.at, one->member.key_len),
                  "from", origins[one->origin], "fate", fates[one->fate]);
    if (o && values)
        json_object_set_new(o, "value", json_stringn(value.at, value.len));
    if (o && values && meta.len)
        json_object_set_new(o, "metadata", json_stringn(meta.at, meta.len));
    if (o && one->origin == FROM_REQUEST)
        json_object_set_new(o, "let_in", json_boolean(one->let_in));
    if (o && one->line)
        json_object_set_new(o, "line", json_integer(one->line));
    if (o && one->why)
        json_object_set_new(o, "why", json_string(one->why));
    return o;
}

bool explain_print_json(const struct explanation *x, const struct policy *p,
                        const struct question *q, bool values)
{
    json_t *members = json_array();
    for (size_t i = 0; i < x->count; i++)
        json_array_append_new(members, member_json(x, p, &x->of[i], values));
    json_t *all =
        json_pack("{s:O, s:{s:o, s:i, s:i, s:b}}", "members", members, "to", "host",
                  json_stringn(q->to.host.at, q->to.host.len), "port", (int)q->to.port, "line",
                  policy_rule_line(p, x->verdict.rule), "off", (int)x->verdict.off);
    bool good = all && json_array_size(members) == x->count &&
                json_dumpf(all, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER) == 0;
    if (good)
        putchar('\n');
    else
        say("out of memory");
    json_decref(all);
    json_decref(members);
    return good;
}
