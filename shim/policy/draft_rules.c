#include "policy/draft_parts.h"

int policy_draft_rule(struct policy_draft *d, int line)
{
    int err;
    struct rule *r = open_next(&d->rules, sizeof *r, &err);
    if (r)
        r->line = line;
    return err;
}

int policy_draft_host(struct policy_draft *d, struct span pattern)
{
    struct host_pattern parsed;
    struct rule *r = last_of(&d->rules, sizeof *r);
    if (!r || host_pattern_parse(pattern, &parsed))
        return -EINVAL;
    return add_host(d, &r->hosts, &parsed);
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
    struct profile_rule *r = last_of(&d->profiles, sizeof *r);
    if (!r || policy_program_fault(pattern))
        return -EINVAL;
    return add_text(d, &r->programs, pattern);
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

void policy_draft_members_never(struct policy_draft *d)
{
    struct member_rule *r = last_of(&d->member_rules, sizeof *r);
    if (r)
        r->never = d->p.some_never = true;
}
