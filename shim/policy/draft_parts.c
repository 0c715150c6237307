#include "policy/draft_parts.h"

/* The item that was opened last; NULL: none. */
void *last_of(const struct array *a, size_t item)
{
    return a->count ? (char *)a->at + (a->count - 1) * item : NULL;
}

/* Opens the next item; NULL with the reason in *err. */
void *open_next(struct array *a, size_t item, int *err)
{
    void *next = a->count < LIMIT_RULES ? array_more(a, item) : NULL;
    *err = next ? 0 : a->count < LIMIT_RULES ? -ENOMEM : -E2BIG;
    a->count += next != NULL;
    return next;
}

/* Room for a pattern in the range of the item that was opened last, which it ends. */
void *pattern_more(struct array *a, size_t item, struct range *r, int *err)
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

int add_host(struct policy_draft *d, struct range *r, const struct host_pattern *parsed)
{
    int err;
    struct host_pattern *h = pattern_more(&d->hosts, sizeof *h, r, &err);
    if (!h)
        return err;
    *h = *parsed;
    if (parsed->len && !(h->name = copy_lower(&d->p.arena, parsed->name, parsed->len)))
        return -ENOMEM;
    d->hosts.count++;
    r->count++;
    return 0;
}

int add_key(struct policy_draft *d, struct range *r, struct span pattern)
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

int add_text(struct policy_draft *d, struct range *r, struct span text)
{
    int err;
    struct span *s = r ? pattern_more(&d->texts, sizeof *s, r, &err) : NULL;
    if (!s)
        return r ? err : -EINVAL;
    *s = arena_copy(&d->p.arena, text);
    if (!s->at)
        return -ENOMEM;
    d->texts.count++;
    r->count++;
    return 0;
}
