/* What an image may say. Its pointers and lengths are right already; whatever else the code behind
 * a policy takes for granted is looked at here. */
#include "policy/glob.h"
#include "policy/image_parts.h"
#include "policy/make.h"
#include "policy/path.h"

/* Another byte than 0 or 1 is no bool. */
static bool is_bool(const bool *at)
{
    unsigned char byte;
    memcpy(&byte, at, 1);
    return byte <= 1;
}

static bool is_level(enum confidence level)
{
    return (unsigned)level <= CONFIDENCE_LIVE;
}

static bool within(struct range r, uint32_t count)
{
    return r.at <= count && r.count <= count - r.at;
}

/* Bytes that may stand in a value (P8). */
static bool is_sendable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < 0x21 || s.at[i] > 0x7e || strchr(",;\"\\", s.at[i]))
            return false;
    return true;
}

static bool globs_are_good(const struct policy *p, struct range r)
{
    for (uint32_t i = 0; i < r.count; i++)
        if (glob_fault(p->texts[r.at + i]))
            return false;
    return true;
}

/* "PROGRAM ARGUMENTS" as well: see policy_choice_fault. */
static bool choices_are_good(const struct policy *p, struct range r)
{
    for (uint32_t i = 0; i < r.count; i++) {
        struct span rest, program = span_cut(p->texts[r.at + i], ' ', &rest);
        if (glob_fault(program) || (rest.at && glob_fault(rest)))
            return false;
    }
    return true;
}

static bool rule_is_good(struct policy *p, const struct rule *r)
{
    if (!within(r->hosts, p->host_count) || !within(r->keys, p->key_count) ||
        !within(r->hashed, p->key_count) || !within(r->fixed, p->fixed_count) ||
        !within(r->methods, p->text_count) || !within(r->paths, p->text_count) ||
        !is_bool(&r->off) || (r->hashed.count && !p->salted))
        return false;
    for (uint32_t i = 0; i < r->paths.count; i++)
        if (path_fault(p->texts[r->paths.at + i]))
            return false;
    return true;
}

static bool rules_are_good(struct policy *p)
{
    for (uint32_t i = 0; i < p->rule_count; i++)
        if (!rule_is_good(p, &p->rules[i]))
            return false;
    for (uint32_t i = 0; i < p->fixed_count; i++) {
        struct span text = p->fixed[i].text;
        if (!within(p->fixed[i].keys, p->key_count) || !text.len || *text.at != '=' ||
            text.len > 1 + 3 * LIMIT_GLOB || !is_sendable(text))
            return false;
    }
    for (uint32_t i = 0; i < p->member_rule_count; i++) {
        const struct member_rule *m = &p->member_rules[i];
        if (!within(m->keys, p->key_count) || !is_level(m->least) || !is_bool(&m->never))
            return false;
    }
    for (uint32_t i = 0; i < p->profile_count; i++)
        if (!within(p->profiles[i].programs, p->text_count) || !is_level(p->profiles[i].least) ||
            !globs_are_good(p, p->profiles[i].programs))
            return false;
    for (uint32_t i = 0; i < p->trust_count; i++)
        if (!within(p->trust[i].peers, p->host_count) ||
            !within(p->trust[i].ports, p->port_count) || !within(p->trust[i].keys, p->key_count))
            return false;
    return true;
}

static bool patterns_are_good(const struct policy *p)
{
    for (uint32_t i = 0; i < p->host_count; i++) {
        struct host_pattern *h = (struct host_pattern *)(uintptr_t)&p->hosts[i];
        bool named = h->kind == HOST_NAME || h->kind == HOST_SUFFIX;
        if ((unsigned)h->kind > HOST_NET || h->bits > 128 || (named && (!h->name || !h->len)))
            return false;
        if (named)
            h->hash = host_hash(span_make(h->name, h->len));
    }
    for (uint32_t i = 0; i < p->key_count; i++)
        if (!is_bool(&p->keys[i].is_prefix) || (!p->keys[i].at && p->keys[i].len))
            return false;
    for (uint32_t i = 0; i < p->text_count; i++)
        if (!p->texts[i].at)
            return false;
    for (uint32_t i = 0; i < p->template_count; i++)
        if (!is_bool(&p->templates[i].fallback) || !p->templates[i].key.at ||
            !p->templates[i].value.at || !p->templates[i].meta.at)
            return false;
    return true;
}

/* --- what is made of requests ----------------------------------------------------------------- */

/* Names, each with a NUL behind it. */
static bool is_json_path(struct span s)
{
    size_t name = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] ? ++name > JSON_NAME_MAX : !name)
            return false;
        name = s.at[i] ? name : 0;
    }
    return s.len && !name;
}

static bool is_watched(const struct policy *p, uint8_t field)
{
    return field >= HTTP_FORWARD && field < HTTP_FORWARD + p->watch.count;
}

static bool token_is_good(const struct policy *p, const struct token_rule *t)
{
    return t->source < p->source_count && is_bool(&t->unverified) && is_bool(&t->any_audience) &&
           is_bool(&t->may_not_expire) && (unsigned)t->key.alg < ALGS && t->name.at &&
           t->issuer.len <= JSON_NAME_MAX && t->audience.len <= JSON_NAME_MAX &&
           (t->unverified || (t->key.secret.len && t->key.secret.len <= LIMIT_SECRET_FILE &&
                              t->key.exponent.len <= LIMIT_SECRET_FILE));
}

static bool sources_are_good(const struct policy *p)
{
    if (p->source_count > LIMIT_SOURCES || p->token_count > LIMIT_TOKENS ||
        p->claim_count > LIMIT_CLAIMS)
        return false;
    for (uint32_t i = 0; i < p->source_count; i++) {
        const struct source *s = &p->sources[i];
        if ((unsigned)s->kind > SOURCE_QUERY || !s->name.at || s->name.len > LIMIT_GLOB ||
            (s->kind == SOURCE_HEADER && !is_watched(p, s->field)))
            return false;
    }
    for (uint32_t i = 0; i < p->token_count; i++)
        if (!token_is_good(p, &p->tokens[i]))
            return false;
    for (uint32_t i = 0; i < p->claim_count; i++)
        if (p->claims[i].token >= p->token_count || !is_json_path(p->claims[i].path))
            return false;
    return true;
}

/* Properties as they are sent. */
static bool is_metadata(struct span text)
{
    char room[4 + MAKE_VALUE_MAX];
    return member_compose(SPAN("k"), SPAN(""), text, room, sizeof room) > 0;
}

static bool make_is_good(const struct policy *p, struct make_rule *r)
{
    uint32_t from = r->from == MAKE_SOURCE  ? p->source_count
                    : r->from == MAKE_CLAIM ? p->claim_count
                                            : 1;
    if ((unsigned)r->from > MAKE_CLAIM || r->index >= from || (unsigned)r->mode > MADE_KEEP ||
        !is_bool(&r->lower) || !is_bool(&r->hash) || r->max > MAKE_VALUE_MAX ||
        r->value.len > MAKE_VALUE_MAX || !baggage_is_key(r->key) || !is_metadata(r->meta))
        return false;
    r->key_hash = key_hash(r->key);
    return (!r->hash || p->salted) && (!r->match.len || !glob_fault(r->match)) &&
           (r->from != MAKE_PATH || !path_fault(r->path));
}

static bool makes_are_good(const struct policy *p)
{
    for (uint32_t i = 0; i < p->make_count; i++)
        if (!make_is_good(p, (struct make_rule *)(uintptr_t)&p->make[i]))
            return false;
    return true;
}

/* The table is made anew out of its names. */
static bool watch_is_good(struct policy *p)
{
    uint32_t count = p->watch.count;
    uint32_t all =
        (uint32_t)(((uint64_t)1 << (HTTP_FORWARD + count)) - ((uint64_t)1 << HTTP_FORWARD));
    struct span name[HTTP_FORWARD_MAX];
    memcpy(name, p->watch.name, sizeof name);
    http_watch_init(&p->watch);
    for (uint32_t i = 0; i < count; i++)
        if (!name[i].at || http_watch_add(&p->watch, name[i]) != (int)i)
            return false;
    return !(p->forwarded & ~all) && (p->cookies == HTTP_FIELD_NONE || is_watched(p, p->cookies));
}

static bool flags_are_good(const struct policy *p)
{
    const bool *flags[] = { &p->edge,          &p->some_never, &p->some_methods, &p->some_paths,
                            &p->some_children, &p->log_values, &p->salted,       &p->secret };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (!is_bool(flags[i]))
            return false;
    return is_level(p->least) && within(p->first, p->key_count) &&
           within(p->children, p->key_count) && within(p->include, p->text_count) &&
           within(p->exclude, p->text_count) && choices_are_good(p, p->include) &&
           choices_are_good(p, p->exclude) && within(p->attribute_by, p->text_count) &&
           p->attribute_by.count <= LIMIT_ATTRIBUTE_BY && p->max_members <= LIMIT_MEMBERS &&
           p->max_bytes <= LIMIT_LIST;
}

bool image_check(struct policy *p)
{
    return patterns_are_good(p) && flags_are_good(p) && rules_are_good(p) && watch_is_good(p) &&
           sources_are_good(p) && makes_are_good(p);
}
