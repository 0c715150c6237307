/* What lies between the members of a struct is whatever was on a stack once: none of that is handed
 * over, and images of one policy are equal to the byte. */
#include "policy/image_parts.h"

#define TIDY(type, item, ...)                                                                      \
    do {                                                                                           \
        type *from = (type *)(uintptr_t)(item), clean;                                             \
        memset(&clean, 0, sizeof clean);                                                           \
        __VA_ARGS__                                                                                \
        memcpy(from, &clean, sizeof clean);                                                        \
    } while (0)
#define KEEP(member) memcpy(&clean.member, &from->member, sizeof clean.member);

static void tidy_make(const struct make_rule *r)
{
    TIDY(struct make_rule, r,
         KEEP(line) KEEP(from) KEEP(index) KEEP(path) KEEP(key) KEEP(key_hash) KEEP(match)
             KEEP(value) KEEP(meta) KEEP(max) KEEP(lower) KEEP(hash) KEEP(mode));
}

static void tidy_token(const struct token_rule *t)
{
    TIDY(struct token_rule, t,
         KEEP(name) KEEP(source) KEEP(unverified) KEEP(any_audience) KEEP(may_not_expire)
             KEEP(leeway) KEEP(key.alg) KEEP(key.secret) KEEP(key.exponent) KEEP(issuer)
                 KEEP(audience));
}

void image_tidy(const struct policy *p)
{
    for (uint32_t i = 0; i < p->make_count; i++)
        tidy_make(&p->make[i]);
    for (uint32_t i = 0; i < p->token_count; i++)
        tidy_token(&p->tokens[i]);
    for (uint32_t i = 0; i < p->source_count; i++)
        TIDY(struct source, &p->sources[i], KEEP(kind) KEEP(field) KEEP(name));
    for (uint32_t i = 0; i < p->claim_count; i++)
        TIDY(struct claim, &p->claims[i], KEEP(token) KEEP(path));
    for (uint32_t i = 0; i < p->key_count; i++)
        TIDY(struct key_pattern, &p->keys[i], KEEP(at) KEEP(len) KEEP(is_prefix));
    for (uint32_t i = 0; i < p->template_count; i++)
        TIDY(struct member_template, &p->templates[i],
             KEEP(fallback) KEEP(key) KEEP(value) KEEP(meta));
}
