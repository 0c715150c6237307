/* An image is struct image, then each array of the policy, then the texts of their items, each
 * aligned and right behind the one before, in the order of walk(). So the counts and lengths say
 * where everything is: a pointer says no more than whether there is something. */
#include "policy/image_parts.h"

#include <errno.h>

#include "policy/inbound.h"

#define IMAGE_MAGIC   0x676d6962u /* "bimg" */
#define IMAGE_VERSION 1           /* to be raised with whatever a policy's types or words mean */

/* Types that differ have other sizes, in most cases. */
#define SIZE_OF(type, place) ((uint64_t)sizeof(type) << (place))
#define IMAGE_LAYOUT                                                                               \
    (SIZE_OF(struct image, 0) + SIZE_OF(struct rule, 3) + SIZE_OF(struct fixed_rule, 7) +          \
     SIZE_OF(struct member_rule, 11) + SIZE_OF(struct profile_rule, 15) +                          \
     SIZE_OF(struct trust_rule, 19) + SIZE_OF(struct make_rule, 23) + SIZE_OF(struct source, 27) + \
     SIZE_OF(struct token_rule, 31) + SIZE_OF(struct claim, 35) +                                  \
     SIZE_OF(struct host_pattern, 39) + SIZE_OF(struct key_pattern, 43) +                          \
     SIZE_OF(struct member_template, 47) + SIZE_OF(void *, 51))

struct walk {
    enum { PACKS, BLINDS, ADOPTS } does;
    char *base;
    size_t at, max;
    bool failed;
};

#define SOMETHING ((void *)(uintptr_t)1) /* a pointer in an image */

/* One piece: copied behind the others, or found there. Returns where it is. */
static void *take(struct walk *w, const void *from, size_t count, size_t size, size_t align)
{
    size_t at = (w->at + align - 1) & ~(align - 1);
    if (!from && count)
        w->failed = true;
    if (!from || w->failed)
        return NULL;
    if (w->does == BLINDS)
        return SOMETHING;
    if (at > w->max || count > (w->max - at) / size) {
        w->failed = true;
        return NULL;
    }
    if (w->does == PACKS) {
        memset(w->base + w->at, 0, at - w->at);
        if (count)
            memcpy(w->base + at, from, count * size);
    }
    w->at = at + count * size;
    return w->base + at;
}

#define TAKE_ARRAY(w, p, items, count)                                                             \
    ((p)->items = take(w, (p)->items, (p)->count, sizeof *(p)->items, _Alignof(max_align_t)))

static void take_arrays(struct walk *w, struct policy *p)
{
    TAKE_ARRAY(w, p, rules, rule_count);
    TAKE_ARRAY(w, p, fixed, fixed_count);
    TAKE_ARRAY(w, p, member_rules, member_rule_count);
    TAKE_ARRAY(w, p, profiles, profile_count);
    TAKE_ARRAY(w, p, trust, trust_count);
    TAKE_ARRAY(w, p, make, make_count);
    TAKE_ARRAY(w, p, sources, source_count);
    TAKE_ARRAY(w, p, tokens, token_count);
    TAKE_ARRAY(w, p, claims, claim_count);
    TAKE_ARRAY(w, p, hosts, host_count);
    TAKE_ARRAY(w, p, keys, key_count);
    TAKE_ARRAY(w, p, texts, text_count);
    TAKE_ARRAY(w, p, ports, port_count);
    TAKE_ARRAY(w, p, templates, template_count);
}

static void take_text(struct walk *w, const struct span *s)
{
    ((struct span *)(uintptr_t)s)->at = take(w, s->at, s->len, 1, 1);
}

static void take_token(struct walk *w, const struct token_rule *t)
{
    take_text(w, &t->name);
    take_text(w, &t->key.secret);
    take_text(w, &t->key.exponent);
    take_text(w, &t->issuer);
    take_text(w, &t->audience);
}

static void take_make(struct walk *w, const struct make_rule *r)
{
    take_text(w, &r->path);
    take_text(w, &r->key);
    take_text(w, &r->match);
    take_text(w, &r->value);
    take_text(w, &r->meta);
}

static void take_patterns(struct walk *w, const struct policy *p)
{
    for (uint32_t i = 0; i < p->host_count && !w->failed; i++) {
        struct host_pattern *h = (struct host_pattern *)(uintptr_t)&p->hosts[i];
        if (h->kind == HOST_NAME || h->kind == HOST_SUFFIX)
            h->name = take(w, h->name, h->len, 1, 1);
    }
    for (uint32_t i = 0; i < p->key_count && !w->failed; i++) {
        struct key_pattern *k = (struct key_pattern *)(uintptr_t)&p->keys[i];
        k->at = take(w, k->at, k->len, 1, 1);
    }
}

static void take_texts(struct walk *w, const struct policy *p)
{
    for (uint32_t i = 0; i < p->fixed_count && !w->failed; i++)
        take_text(w, &p->fixed[i].text);
    for (uint32_t i = 0; i < p->make_count && !w->failed; i++)
        take_make(w, &p->make[i]);
    for (uint32_t i = 0; i < p->source_count && !w->failed; i++)
        take_text(w, &p->sources[i].name);
    for (uint32_t i = 0; i < p->token_count && !w->failed; i++)
        take_token(w, &p->tokens[i]);
    for (uint32_t i = 0; i < p->claim_count && !w->failed; i++)
        take_text(w, &p->claims[i].path);
    for (uint32_t i = 0; i < p->text_count && !w->failed; i++)
        take_text(w, &p->texts[i]);
    for (uint32_t i = 0; i < p->template_count && !w->failed; i++) {
        take_text(w, &p->templates[i].key);
        take_text(w, &p->templates[i].value);
        take_text(w, &p->templates[i].meta);
    }
    for (uint32_t i = 0; i < p->watch.count && !w->failed; i++)
        take_text(w, &p->watch.name[i]);
}

static bool walk(struct walk *w, struct policy *p)
{
    take_arrays(w, p);
    if (w->failed)
        return false;
    if (w->does == PACKS)
        image_tidy(p);
    take_texts(w, p);
    take_patterns(w, p);
    return !w->failed;
}

/* Of all whole words from `at` on. */
static uint64_t sum_of(const char *at, size_t len)
{
    uint64_t sum = 14695981039346656037u, word;
    for (; len >= sizeof word; at += sizeof word, len -= sizeof word) {
        memcpy(&word, at, sizeof word);
        sum = (sum ^ word) * 1099511628211u;
        sum ^= sum >> 29;
    }
    return sum;
}

static uint64_t image_sum(const struct image *i)
{
    const size_t head = offsetof(struct image, policy);
    return sum_of((const char *)i + head, i->length - head);
}

/* --- packing ---------------------------------------------------------------------------------- */

/* What only the process that it was made in has, or each makes for itself. */
static void take_away(struct policy *p)
{
    p->arena = (struct arena){ 0 };
    p->verifier = NULL;
    memset(&p->set, 0, sizeof p->set);
    memset(&p->fallback, 0, sizeof p->fallback);
}

void image_seal(struct image *i, size_t len)
{
    i->magic = IMAGE_MAGIC;
    i->version = IMAGE_VERSION;
    i->layout = IMAGE_LAYOUT;
    i->length = len;
    i->sum = image_sum(i);
}

size_t policy_pack(const struct policy *p, char *out, size_t max)
{
    struct image *i = (struct image *)(void *)out;
    struct walk w = { .does = PACKS, .base = out, .at = sizeof *i, .max = max & ~(size_t)7 };
    if (max < sizeof *i)
        return 0;
    memset(i, 0, offsetof(struct image, policy));
    i->policy = *p;
    take_away(&i->policy);
    if (!walk(&w, &i->policy))
        return 0;
    size_t len = (w.at + 7) & ~(size_t)7;
    memset(out + w.at, 0, len - w.at);
    w.does = BLINDS;
    take_texts(&w, &i->policy);
    take_patterns(&w, &i->policy);
    take_arrays(&w, &i->policy);
    image_seal(i, len);
    return len;
}

bool policy_is_secret(const struct policy *p)
{
    return p->secret;
}

/* --- adopting --------------------------------------------------------------------------------- */

/* A member whose variable is not set is left out, as it is where a file is read. */
static enum image_fault add_member(struct image_room *room, const struct member_template *t,
                                   const struct surroundings *s)
{
    struct span name, value = t->value;
    struct buf expanded = buf_over(room->value, sizeof room->value);
    if (template_is_one(value)) {
        enum expansion got = template_expand(value, s, &expanded, &name);
        if (got != EXPAND_DONE)
            return got == EXPAND_UNSET  ? IMAGE_GOOD
                   : got == EXPAND_LONG ? IMAGE_LARGE
                                        : IMAGE_BROKEN;
        value = buf_span(&expanded);
    }
    int err = t->fallback ? member_list_add(&room->fallback, &room->set, t->key, value, t->meta)
                          : member_list_add(&room->set, &room->fallback, t->key, value, t->meta);
    return !err ? IMAGE_GOOD : err == -E2BIG ? IMAGE_LARGE : IMAGE_BROKEN;
}

static enum image_fault add_members(struct policy *p, struct image_room *room,
                                    const struct surroundings *s)
{
    enum image_fault fault = IMAGE_GOOD;
    memset(room, 0, sizeof *room);
    for (uint32_t i = 0; i < p->template_count && !fault; i++)
        fault = add_member(room, &p->templates[i], s);
    p->set = room->set.parsed;
    p->fallback = room->fallback.parsed;
    return fault;
}

enum image_fault policy_adopt(char *image, size_t len, const struct surroundings *s,
                              const struct token_verifier *v, struct policy **out)
{
    struct image *i = (struct image *)(void *)image;
    struct walk w = { .does = ADOPTS, .base = image, .at = sizeof *i, .max = len };
    if (len < sizeof *i || i->magic != IMAGE_MAGIC)
        return IMAGE_BROKEN;
    if (i->version != IMAGE_VERSION || i->layout != IMAGE_LAYOUT)
        return IMAGE_FOREIGN;
    if (i->length != len || len % 8 || i->sum != image_sum(i) ||
        i->policy.watch.count > HTTP_FORWARD_MAX || !walk(&w, &i->policy) ||
        ((w.at + 7) & ~(size_t)7) != len || !image_check(&i->policy))
        return IMAGE_BROKEN;
    i->policy.arena = (struct arena){ 0 };
    i->policy.verifier = v;
    if (policy_needs_verifier(&i->policy) && !v)
        return IMAGE_VERIFIER;
    size_t behind = (len + 15) & ~(size_t)15;
    *out = &i->policy;
    return add_members(&i->policy, (struct image_room *)(void *)(image + behind), s);
}
