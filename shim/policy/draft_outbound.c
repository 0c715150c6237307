/* What else outbound rules may say, and the rest about what leaves. */
#include "policy/draft_parts.h"
#include "policy/path.h"

const char *policy_method_fault(struct span method)
{
    return baggage_is_key(method) && method.len <= HTTP_NAME_MAX
               ? NULL
               : "is no method, as \"GET\" or \"POST\" (upper and lower case differ)";
}

const char *policy_path_fault(struct span pattern)
{
    const char *fault = path_fault(pattern);
    return !fault && path_takes(pattern) ? "has a {}, but nothing is taken out of it here" : fault;
}

static struct rule *open_rule(struct policy_draft *d)
{
    return last_of(&d->rules, sizeof(struct rule));
}

int policy_draft_method(struct policy_draft *d, struct span method)
{
    struct rule *r = open_rule(d);
    if (policy_method_fault(method))
        return -EINVAL;
    d->p.some_methods = true;
    return add_text(d, r ? &r->methods : NULL, method);
}

int policy_draft_path(struct policy_draft *d, struct span pattern)
{
    struct rule *r = open_rule(d);
    if (policy_path_fault(pattern))
        return -EINVAL;
    d->p.some_paths = true;
    return add_text(d, r ? &r->paths : NULL, pattern);
}

int policy_draft_hashed(struct policy_draft *d, struct span pattern)
{
    struct rule *r = open_rule(d);
    return d->p.salted ? add_key(d, r ? &r->hashed : NULL, pattern) : -EPERM;
}

void policy_draft_off(struct policy_draft *d)
{
    struct rule *r = open_rule(d);
    if (r)
        r->off = true;
}

int policy_draft_fixed(struct policy_draft *d, struct span value)
{
    int err;
    struct rule *r = open_rule(d);
    char *text = arena_take(&d->p.arena, 1 + 3 * value.len);
    if (!r || value.len > LIMIT_GLOB)
        return -EINVAL;
    struct fixed_rule *f = text ? pattern_more(&d->fixed, sizeof *f, &r->fixed, &err) : NULL;
    if (!f)
        return text ? err : -ENOMEM;
    text[0] = '=';
    f->text = span_make(text, 1 + percent_encode(value, text + 1, 3 * value.len));
    d->fixed.count++;
    r->fixed.count++;
    return 0;
}

int policy_draft_fixed_key(struct policy_draft *d, struct span pattern)
{
    struct fixed_rule *f = last_of(&d->fixed, sizeof *f);
    return add_key(d, f ? &f->keys : NULL, pattern);
}

void policy_draft_limits(struct policy_draft *d, unsigned members, unsigned bytes)
{
    d->p.max_members = members;
    d->p.max_bytes = bytes;
}

int policy_draft_first(struct policy_draft *d, struct span pattern)
{
    return add_key(d, &d->p.first, pattern);
}

void policy_draft_children(struct policy_draft *d)
{
    d->p.some_children = true;
}

int policy_draft_child_key(struct policy_draft *d, struct span pattern)
{
    return add_key(d, &d->p.children, pattern);
}

int policy_draft_include(struct policy_draft *d, struct span pattern)
{
    return policy_choice_fault(pattern) ? -EINVAL : add_text(d, &d->p.include, pattern);
}

int policy_draft_exclude(struct policy_draft *d, struct span pattern)
{
    return policy_choice_fault(pattern) ? -EINVAL : add_text(d, &d->p.exclude, pattern);
}

const char *policy_attribute_fault(struct span key)
{
    if (key.len && key.at[key.len - 1] == '*')
        return "is a pattern; whole keys are counted by";
    if (key.len > LIMIT_ATTRIBUTE_KEY)
        return "is too long to be counted by (48 bytes are the limit)";
    return policy_key_fault(key);
}

int policy_draft_attribute(struct policy_draft *d, struct span key)
{
    struct range *r = &d->p.attribute_by;
    const struct span *all = d->texts.at;
    if (policy_attribute_fault(key))
        return -EINVAL;
    for (uint32_t i = 0; i < r->count; i++)
        if (span_equal(all[r->at + i], key))
            return -EEXIST;
    return r->count < LIMIT_ATTRIBUTE_BY ? add_text(d, r, key) : -E2BIG;
}

void policy_draft_log_values(struct policy_draft *d)
{
    d->p.log_values = true;
}
