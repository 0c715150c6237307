/* Text goes into the policy's arena at once, items into growing arrays until their number is known.
 */
#include "policy/draft_parts.h"

#include <stdlib.h>

static void draft_init(struct policy_draft *d)
{
    http_watch_init(&d->p.watch);
    d->p.cookies = HTTP_FIELD_NONE;
}

struct policy_draft *policy_draft_new(void)
{
    struct policy_draft *d = calloc(1, sizeof *d);
    if (d)
        draft_init(d);
    return d;
}

void policy_draft_free(struct policy_draft *d)
{
    if (!d)
        return;
    struct array *arrays[] = { &d->rules, &d->fixed,   &d->member_rules, &d->profiles, &d->trust,
                               &d->make,  &d->sources, &d->tokens,       &d->claims,   &d->hosts,
                               &d->keys,  &d->texts,   &d->ports,        &d->templates };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]->at);
    arena_free(&d->p.arena);
    free(d);
}

int policy_draft_set(struct policy_draft *d, struct span key, struct span value, struct span meta)
{
    return member_list_add(&d->set, &d->fallback, key, value, meta);
}

int policy_draft_default(struct policy_draft *d, struct span key, struct span value,
                         struct span meta)
{
    return member_list_add(&d->fallback, &d->set, key, value, meta);
}

int policy_draft_template(struct policy_draft *d, bool fallback, struct span key, struct span value,
                          struct span meta)
{
    struct arena *a = &d->p.arena;
    struct member_template t = { fallback, arena_copy(a, key), arena_copy(a, value),
                                 arena_copy(a, meta) };
    struct member_template *at = array_more(&d->templates, sizeof *at);
    if (!at || !t.key.at || !t.value.at || !t.meta.at)
        return -ENOMEM;
    *at = t;
    d->templates.count++;
    return 0;
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
    p->fixed_count = (uint32_t)d->fixed.count;
    p->member_rule_count = (uint32_t)d->member_rules.count;
    p->profile_count = (uint32_t)d->profiles.count;
    p->trust_count = (uint32_t)d->trust.count;
    p->make_count = (uint32_t)d->make.count;
    p->source_count = (uint32_t)d->sources.count;
    p->token_count = (uint32_t)d->tokens.count;
    p->claim_count = (uint32_t)d->claims.count;
    p->host_count = (uint32_t)d->hosts.count;
    p->key_count = (uint32_t)d->keys.count;
    p->text_count = (uint32_t)d->texts.count;
    p->port_count = (uint32_t)d->ports.count;
    p->template_count = (uint32_t)d->templates.count;
    return (p->rules = array_settle(&d->rules, sizeof *p->rules, a)) &&
           (p->fixed = array_settle(&d->fixed, sizeof *p->fixed, a)) &&
           (p->member_rules = array_settle(&d->member_rules, sizeof *p->member_rules, a)) &&
           (p->profiles = array_settle(&d->profiles, sizeof *p->profiles, a)) &&
           (p->hosts = array_settle(&d->hosts, sizeof *p->hosts, a)) &&
           (p->keys = array_settle(&d->keys, sizeof *p->keys, a)) &&
           (p->trust = array_settle(&d->trust, sizeof *p->trust, a)) &&
           (p->make = array_settle(&d->make, sizeof *p->make, a)) &&
           (p->sources = array_settle(&d->sources, sizeof *p->sources, a)) &&
           (p->tokens = array_settle(&d->tokens, sizeof *p->tokens, a)) &&
           (p->claims = array_settle(&d->claims, sizeof *p->claims, a)) &&
           (p->texts = array_settle(&d->texts, sizeof *p->texts, a)) &&
           (p->ports = array_settle(&d->ports, sizeof *p->ports, a)) &&
           (p->templates = array_settle(&d->templates, sizeof *p->templates, a)) &&
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
