/* Text goes into the policy's arena at once, items into growing arrays until their number is known.
 */
#include "policy/draft.h"

#include <errno.h>
#include <stdlib.h>

#include "policy/rules.h"

/* The members of `set` or of `default`, as one field value. */
struct member_list {
    char text[LIMIT_LIST];
    size_t len;
    struct baggage parsed; /* of text */
};

struct policy_draft {
    struct policy p; /* counts and pointers to arrays are filled in by policy_freeze */
    struct member_list set, fallback;
    struct array rules;        /* struct rule */
    struct array member_rules; /* struct member_rule */
    struct array profiles;     /* struct profile_rule */
    struct array hosts;        /* struct host_pattern */
    struct array keys;         /* struct key_pattern */
    struct array programs;     /* struct span */
};

struct policy_draft *policy_draft_new(void)
{
    struct policy_draft *d = calloc(1, sizeof *d);
    if (d)
        http_watch_init(&d->p.watch);
    return d;
}

void policy_draft_free(struct policy_draft *d)
{
    if (!d)
        return;
    free(d->rules.at);
    free(d->member_rules.at);
    free(d->profiles.at);
    free(d->hosts.at);
    free(d->keys.at);
    free(d->programs.at);
    arena_free(&d->p.arena);
    free(d);
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

/* The item that was opened last; NULL: none. */
static void *last_of(const struct array *a, size_t item)
{
    return a->count ? (char *)a->at + (a->count - 1) * item : NULL;
}

/* Opens the next item; NULL with the reason in *err. */
static void *open_next(struct array *a, size_t item, int *err)
{
    void *next = a->count < LIMIT_RULES ? array_more(a, item) : NULL;
    *err = next ? 0 : a->count < LIMIT_RULES ? -ENOMEM : -E2BIG;
    a->count += next != NULL;
    return next;
}

/* Room for a pattern in the range of the item that was opened last, which it ends. */
static void *pattern_more(struct array *a, size_t item, struct range *r, int *err)
{
    if (a->count >= LIMIT_PATTERNS) {
        *err = -E2BIG;
        return NULL;
    }
    if (r->count == 0)
        r->at = (uint32_t)a->count;
    void *next = r->at + r->count == a->count ? array_more(a, item) : NULL;
    *err = next ? 0 : -ENOMEM;
    return next;
}

int policy_draft_rule(struct policy_draft *d, int line)
{
    int err;
    struct rule *r = open_next(&d->rules, sizeof *r, &err);
    if (r)
        r->line = line;
    return err;
}

/* A copy in lower case. */
static const char *copy_lower(struct arena *a, const char *at, size_t len)
{
    struct span copy = arena_copy(a, span_make(at, len));
    char *c = (char *)copy.at;
    for (size_t i = 0; i < copy.len; i++)
        if (c[i] >= 'A' && c[i] <= 'Z')
            c[i] = (char)(c[i] | 0x20);
    return c;
}

int policy_draft_host(struct policy_draft *d, struct span pattern)
{
    int err;
    struct host_pattern parsed;
    struct rule *r = last_of(&d->rules, sizeof *r);
    if (!r || host_pattern_parse(pattern, &parsed))
        return -EINVAL;
    struct host_pattern *h = pattern_more(&d->hosts, sizeof *h, &r->hosts, &err);
    if (!h)
        return err;
    if (parsed.len && !(parsed.name = copy_lower(&d->p.arena, parsed.name, parsed.len)))
        return -ENOMEM;
    *h = parsed;
    d->hosts.count++;
    r->hosts.count++;
    return 0;
}

static int add_key(struct policy_draft *d, struct range *r, struct span pattern)
{
    int err;
    struct key_pattern parsed;
    if (!r || key_pattern_parse(pattern, &parsed))
        return -EINVAL;
    struct key_pattern *k = pattern_more(&d->keys, sizeof *k, r, &err);
    if (!k)
        return err;
    parsed.at = arena_copy(&d->p.arena, span_make(parsed.at, parsed.len)).at;
    if (!parsed.at)
        return -ENOMEM;
    *k = parsed;
    d->keys.count++;
    r->count++;
    return 0;
}

int policy_draft_key(struct policy_draft *d, struct span pattern)
{
    struct rule *r = last_of(&d->rules, sizeof *r);
    return add_key(d, r ? &r->keys : NULL, pattern);
}

int policy_draft_forward(struct policy_draft *d, struct span name)
{
    if (policy_header_fault(name))
        return -EINVAL;
    if (http_watch_find(&d->p.watch, name) != HTTP_FIELD_NONE)
        return -EEXIST;
    struct span copy = arena_copy(&d->p.arena, name);
    int field = copy.at ? http_watch_add(&d->p.watch, copy) : -ENOMEM;
    if (field < 0)
        return field;
    d->p.forwarded |= 1u << (HTTP_FORWARD + field);
    return 0;
}

void policy_draft_confidence(struct policy_draft *d, enum confidence least)
{
    d->p.least = least;
}

int policy_draft_profile(struct policy_draft *d, enum confidence least)
{
    int err;
    struct profile_rule *r = open_next(&d->profiles, sizeof *r, &err);
    if (r)
        r->least = least;
    return err;
}

int policy_draft_profile_program(struct policy_draft *d, struct span pattern)
{
    int err;
    struct profile_rule *r = last_of(&d->profiles, sizeof *r);
    if (!r || policy_program_fault(pattern))
        return -EINVAL;
    struct span *s = pattern_more(&d->programs, sizeof *s, &r->programs, &err);
    if (!s)
        return err;
    *s = arena_copy(&d->p.arena, pattern);
    if (!s->at)
        return -ENOMEM;
    d->programs.count++;
    r->programs.count++;
    return 0;
}

int policy_draft_members(struct policy_draft *d, int line)
{
    int err;
    struct member_rule *r = open_next(&d->member_rules, sizeof *r, &err);
    if (r)
        r->line = line;
    return err;
}

int policy_draft_members_key(struct policy_draft *d, struct span pattern)
{
    struct member_rule *r = last_of(&d->member_rules, sizeof *r);
    return add_key(d, r ? &r->keys : NULL, pattern);
}

void policy_draft_members_confidence(struct policy_draft *d, enum confidence least)
{
    struct member_rule *r = last_of(&d->member_rules, sizeof *r);
    if (r)
        r->least = least;
}

static bool settle_list(struct arena *a, struct baggage *out, const struct member_list *l)
{
    struct span text = arena_copy(a, span_make(l->text, l->len));
    if (text.at)
        baggage_parse(out, text);
    return text.at != NULL;
}

/* Everything into the policy's own memory, as large as it is. */
static bool settle(struct policy *p, struct policy_draft *d)
{
    struct arena *a = &p->arena;
    p->rule_count = (uint32_t)d->rules.count;
    p->member_rule_count = (uint32_t)d->member_rules.count;
    p->profile_count = (uint32_t)d->profiles.count;
    return (p->rules = array_settle(&d->rules, sizeof *p->rules, a)) &&
           (p->member_rules = array_settle(&d->member_rules, sizeof *p->member_rules, a)) &&
           (p->profiles = array_settle(&d->profiles, sizeof *p->profiles, a)) &&
           (p->hosts = array_settle(&d->hosts, sizeof *p->hosts, a)) &&
           (p->keys = array_settle(&d->keys, sizeof *p->keys, a)) &&
           (p->programs = array_settle(&d->programs, sizeof *p->programs, a)) &&
           settle_list(a, &p->set, &d->set) && settle_list(a, &p->fallback, &d->fallback);
}

struct policy *policy_freeze(struct policy_draft *d)
{
    struct policy *p = malloc(sizeof *p);
    if (p) {
        *p = d->p;
        d->p.arena = (struct arena){ 0 };
        if (!settle(p, d)) {
            policy_free(p);
            p = NULL;
        }
    }
    policy_draft_free(d);
    return p;
}
