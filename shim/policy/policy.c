/* Asking a policy. Nothing here allocates or changes it. */
#include "policy/rules.h"

#include <stdlib.h>

static const struct baggage no_members;

const struct baggage *policy_set(const struct policy *p)
{
    return p ? &p->set : &no_members;
}

const struct baggage *policy_default(const struct policy *p)
{
    return p ? &p->fallback : &no_members;
}

bool policy_is_open(const struct policy *p)
{
    return !p || (p->rule_count == 0 && !p->some_never);
}

bool policy_is_unbound(const struct policy *p)
{
    return !p || (policy_is_open(p) && !p->max_members && !p->max_bytes);
}

bool policy_asks_line(const struct policy *p)
{
    return p && (p->some_methods || p->some_paths);
}

size_t policy_attributes(const struct policy *p)
{
    return p ? p->attribute_by.count : 0;
}

struct span policy_attribute(const struct policy *p, size_t i)
{
    return p->texts[p->attribute_by.at + i];
}

bool policy_logs_values(const struct policy *p)
{
    return p && p->log_values;
}

int policy_rule_line(const struct policy *p, int rule)
{
    return p && rule >= 0 && (uint32_t)rule < p->rule_count ? p->rules[rule].line : 0;
}

const struct http_watch *policy_watch(const struct policy *p)
{
    return p && p->watch.count ? &p->watch : &http_watch_basic;
}

uint32_t policy_forwarded(const struct policy *p)
{
    return p ? p->forwarded : 0;
}

void policy_free(struct policy *p)
{
    if (!p)
        return;
    arena_free(&p->arena);
    free(p);
}
