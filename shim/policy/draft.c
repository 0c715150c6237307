/* Building a policy: everything is copied into growing arrays, and freezing lays them out in one
 * allocation. Not for hooks: this allocates. */
#include "policy/rules.h"

#include <errno.h>
#include <stdlib.h>

struct array {
    void *at;
    size_t count, room;
};

/* The members of `set` or of `default`, as one field value. */
struct member_list {
    char text[LIMIT_LIST];
    size_t len;
    struct baggage parsed; /* of text */
};

/* Patterns point to `text` by offset until it stops moving. */
struct draft_host {
    struct host_pattern pattern;
    size_t name_at;
};

struct draft_key {
    struct key_pattern pattern;
    size_t at;
};

struct policy_draft {
    struct member_list set, fallback;
    struct array rules; /* struct rule */
    struct array hosts; /* struct draft_host */
    struct array keys;  /* struct draft_key */
    struct array text;  /* char */
};

struct policy_draft *policy_draft_new(void)
{
    return calloc(1, sizeof(struct policy_draft));
}

void policy_draft_free(struct policy_draft *d)
{
    if (!d)
        return;
    free(d->rules.at);
    free(d->hosts.at);
    free(d->keys.at);
    free(d->text.at);
    free(d);
}

/* Room for `more` items after the last; NULL: no memory. */
static void *array_more(struct array *a, size_t item, size_t more)
{
    if (a->room - a->count < more) {
        size_t room = (a->room + more) * 2;
        void *at = reallocarray(a->at, room, item);
        if (!at)
            return NULL;
        a->at = at;
        a->room = room;
    }
    return (char *)a->at + a->count * item;
}

static int list_add(struct member_list *l, const struct member_list *other, struct span key,
                    struct span value, struct span meta)
{
    char *at = l->text + l->len;
    size_t room = sizeof l->text - l->len, comma = l->len > 0;
    if (!baggage_is_key(key) || !member_compose(key, SPAN(""), meta, at, room))
        return !baggage_is_key(key) || room > key.len + meta.len + 8 ? -EINVAL : -E2BIG;
    if (baggage_find(&l->parsed, key) >= 0)
        return -EEXIST;
    if (room <= comma)
        return -E2BIG;
    *at = ',';
    size_t len = member_compose(key, value, meta, at + comma, room - comma);
    if (!len || l->parsed.count + other->parsed.count >= LIMIT_MEMBERS ||
        l->len + comma + len + (other->len > 0) + other->len > LIMIT_LIST)
        return -E2BIG;
    baggage_parse(&l->parsed, span_make(at + comma, len));
    l->len += comma + len;
    return 0;
}

int policy_draft_set(struct policy_draft *d, struct span key, struct span value, struct span meta)
{
    return list_add(&d->set, &d->fallback, key, value, meta);
}

int policy_draft_default(struct policy_draft *d, struct span key, struct span value,
                         struct span meta)
{
    return list_add(&d->fallback, &d->set, key, value, meta);
}

int policy_draft_rule(struct policy_draft *d, int line)
{
    if (d->rules.count >= LIMIT_RULES)
        return -E2BIG;
    struct rule *r = array_more(&d->rules, sizeof *r, 1);
    if (!r)
        return -ENOMEM;
    *r = (struct rule){ .line = line,
                        .host_at = (uint32_t)d->hosts.count,
                        .key_at = (uint32_t)d->keys.count };
    d->rules.count++;
    return 0;
}

static struct rule *open_rule(const struct policy_draft *d)
{
    return d->rules.count ? (struct rule *)d->rules.at + d->rules.count - 1 : NULL;
}

/* Copies `s` to the end of the text in lower case if asked; its offset is the count before. */
static bool keep_text(struct policy_draft *d, struct span s, bool fold)
{
    if (s.len == 0)
        return true;
    char *at = array_more(&d->text, 1, s.len);
    if (!at)
        return false;
    for (size_t i = 0; i < s.len; i++)
        at[i] = fold && s.at[i] >= 'A' && s.at[i] <= 'Z' ? (char)(s.at[i] | 0x20) : s.at[i];
    d->text.count += s.len;
    return true;
}

int policy_draft_host(struct policy_draft *d, struct span pattern)
{
    struct draft_host parsed = { .name_at = d->text.count };
    struct rule *r = open_rule(d);
    if (!r || host_pattern_parse(pattern, &parsed.pattern))
        return -EINVAL;
    if (d->hosts.count + d->keys.count >= LIMIT_PATTERNS)
        return -E2BIG;
    struct draft_host *h = array_more(&d->hosts, sizeof *h, 1);
    if (!h || !keep_text(d, span_make(parsed.pattern.name, parsed.pattern.len), true))
        return -ENOMEM;
    *h = parsed;
    d->hosts.count++;
    r->host_count++;
    return 0;
}

int policy_draft_key(struct policy_draft *d, struct span pattern)
{
    struct draft_key parsed = { .at = d->text.count };
    struct rule *r = open_rule(d);
    if (!r || key_pattern_parse(pattern, &parsed.pattern))
        return -EINVAL;
    if (d->hosts.count + d->keys.count >= LIMIT_PATTERNS)
        return -E2BIG;
    struct draft_key *k = array_more(&d->keys, sizeof *k, 1);
    if (!k || !keep_text(d, span_make(parsed.pattern.at, parsed.pattern.len), false))
        return -ENOMEM;
    *k = parsed;
    d->keys.count++;
    r->key_count++;
    return 0;
}

/* Appends bytes to what follows the policy; returns where they are now. */
static char *lay(char **end, const void *from, size_t bytes)
{
    char *at = *end;
    if (bytes)
        memcpy(at, from, bytes);
    *end = at + bytes;
    return at;
}

static void lay_patterns(struct policy *p, const struct policy_draft *d, const char *text)
{
    const struct draft_host *h = d->hosts.at;
    for (size_t i = 0; i < d->hosts.count; i++) {
        p->hosts[i] = h[i].pattern;
        if (h[i].pattern.len)
            p->hosts[i].name = text + h[i].name_at;
    }
    const struct draft_key *k = d->keys.at;
    for (size_t i = 0; i < d->keys.count; i++) {
        p->keys[i] = k[i].pattern;
        p->keys[i].at = text + k[i].at;
    }
}

struct policy *policy_freeze(struct policy_draft *d)
{
    size_t rules = d->rules.count * sizeof(struct rule);
    size_t hosts = d->hosts.count * sizeof(struct host_pattern);
    size_t keys = d->keys.count * sizeof(struct key_pattern);
    size_t text = d->text.count + d->set.len + d->fallback.len;
    struct policy *p = calloc(1, sizeof *p + hosts + keys + rules + text);
    if (p) {
        char *end = (char *)(p + 1);
        p->hosts = (struct host_pattern *)end;
        p->keys = (struct key_pattern *)(end + hosts);
        end += hosts + keys;
        p->rules = (struct rule *)lay(&end, d->rules.at, rules);
        p->rule_count = (uint32_t)d->rules.count;
        lay_patterns(p, d, lay(&end, d->text.at, d->text.count));
        baggage_parse(&p->set, span_make(lay(&end, d->set.text, d->set.len), d->set.len));
        baggage_parse(&p->fallback,
                      span_make(lay(&end, d->fallback.text, d->fallback.len), d->fallback.len));
    }
    policy_draft_free(d);
    return p;
}
