#include "policy/draft_parts.h"
#include "policy/glob.h"
#include "policy/make.h"
#include "policy/path.h"

/* A header to look for, whoever asked for it before. Returns the field, or a negative errno. */
static int watch_field(struct policy_draft *d, struct span name)
{
    uint8_t known = http_watch_find(&d->p.watch, name);
    if (known != HTTP_FIELD_NONE)
        return known;
    struct span copy = arena_copy(&d->p.arena, name);
    int index = copy.at ? http_watch_add(&d->p.watch, copy) : -ENOMEM;
    return index < 0 ? index : HTTP_FORWARD + index;
}

static bool is_source(const struct source *s, int kind, uint8_t field, struct span name)
{
    return (int)s->kind == kind &&
           (kind == SOURCE_HEADER ? s->field == field : span_equal(s->name, name));
}

/* The index of a source, new or not, or a negative errno. */
static int add_source(struct policy_draft *d, int kind, uint8_t field, struct span name)
{
    struct source *s = d->sources.at;
    for (size_t i = 0; i < d->sources.count; i++)
        if (is_source(&s[i], kind, field, name))
            return (int)i;
    if (d->sources.count == LIMIT_SOURCES)
        return -E2BIG;
    s = array_more(&d->sources, sizeof *s);
    if (!s)
        return -ENOMEM;
    *s = (struct source){ .field = field, .name = arena_copy(&d->p.arena, name) };
    s->kind = (__typeof__(s->kind))kind;
    if (!s->name.at)
        return -ENOMEM;
    return (int)d->sources.count++;
}

int add_header(struct policy_draft *d, struct span name)
{
    int field = watch_field(d, name);
    return field < 0 ? field : add_source(d, SOURCE_HEADER, (uint8_t)field, SPAN(""));
}

int add_cookie(struct policy_draft *d, struct span name)
{
    int field = watch_field(d, SPAN("cookie"));
    if (field < 0)
        return field;
    d->p.cookies = (uint8_t)field;
    return add_source(d, SOURCE_COOKIE, 0, name);
}

static int source_of(struct policy_draft *d, const struct make_spec *spec)
{
    if (spec->claim.at)
        return add_claim(d, spec->token, spec->claim);
    if (spec->header.at)
        return add_header(d, spec->header);
    return spec->query.at ? add_source(d, SOURCE_QUERY, 0, spec->query)
                          : add_cookie(d, spec->cookie);
}

static const char *source_fault(const struct policy_draft *d, const struct make_spec *spec,
                                const char **part)
{
    if (spec->claim.at) {
        const char *fault = claim_fault(spec->claim);
        *part = fault ? "claim" : spec->token.at ? "token" : NULL;
        return fault             ? fault
               : !spec->token.at ? "has a claim, but no \"token\" to take it from"
                                 : token_fault(d, spec->token);
    }
    if (spec->header.at) {
        *part = "header";
        return policy_header_fault(spec->header);
    }
    if (spec->path.at) {
        *part = "path";
        const char *fault = path_fault(spec->path);
        if (fault || spec->value.at || path_takes(spec->path))
            return fault;
        return "takes nothing out of the path; write {} for the part to take, or add a \"value\"";
    }
    *part = spec->cookie.at ? "cookie" : "query";
    struct span name = spec->cookie.at ? spec->cookie : spec->query;
    if (!spec->peer && name.len == 0)
        return "is empty";
    return name.len > LIMIT_GLOB ? "is longer than a name can be (256 bytes)" : NULL;
}

static bool is_metadata(struct span text)
{
    char room[4 + MAKE_VALUE_MAX];
    return member_compose(SPAN("k"), SPAN(""), text, room, sizeof room) > 0;
}

const char *policy_make_fault(const struct policy_draft *d, const struct make_spec *spec,
                              const char **part)
{
    const char *fault;
    unsigned sources = (spec->header.at != NULL) + (spec->cookie.at != NULL) +
                       (spec->query.at != NULL) + (spec->path.at != NULL) +
                       (spec->claim.at != NULL) + spec->peer;
    *part = "key";
    if (!baggage_is_key(spec->key))
        return "cannot be a key (letters, digits and !#$%&'*+-.^_`|~ are allowed)";
    *part = NULL;
    if (sources != 1)
        return sources ? "takes its value from more than one place"
                       : "takes its value from nowhere";
    if (spec->token.at && !spec->claim.at)
        return "has a token, but no \"claim\" to take out of it";
    if ((fault = source_fault(d, spec, part)))
        return fault;
    *part = "match";
    if (spec->match.at && (fault = glob_fault(spec->match)))
        return fault;
    *part = "value";
    if (spec->value.at && (spec->hash || spec->lower || spec->value.len > MAKE_VALUE_MAX))
        return spec->hash || spec->lower ? "is sent as it is; \"lower\" and \"hash\" have no effect"
                                         : "is longer than 512 bytes";
    *part = "metadata";
    if (!is_metadata(spec->metadata))
        return "cannot be sent, or is longer than 512 bytes; write it as in \"ttl=60;private\","
               " other characters as %20";
    *part = "max_length";
    if (spec->max > MAKE_VALUE_MAX)
        return "is more than 512 bytes";
    *part = "hash";
    return spec->hash && !d->p.salted ? "needs a \"salt\", or hashes of what can be guessed are no"
                                        " secret"
                                      : NULL;
}

/* An empty span that is not NULL stays one. */
static bool keep(struct policy_draft *d, struct span *s)
{
    if (s->at)
        *s = arena_copy(&d->p.arena, *s);
    return s->at != NULL;
}

int policy_draft_make(struct policy_draft *d, const struct make_spec *spec)
{
    const char *part;
    int index = 0, err;
    if (policy_make_fault(d, spec, &part))
        return -EINVAL;
    if (!spec->path.at && !spec->peer && (index = source_of(d, spec)) < 0)
        return index;
    struct make_rule r = { .line = spec->line,
                           .from = spec->path.at    ? MAKE_PATH
                                   : spec->peer     ? MAKE_PEER
                                   : spec->claim.at ? MAKE_CLAIM
                                                    : MAKE_SOURCE,
                           .index = (uint32_t)index,
                           .path = spec->path,
                           .key = spec->key,
                           .key_hash = key_hash(spec->key),
                           .match = spec->match,
                           .value = spec->value,
                           .meta = spec->metadata,
                           .max = (uint16_t)(spec->max ? spec->max : 256),
                           .lower = spec->lower,
                           .hash = spec->hash,
                           .mode = (enum made_mode)spec->mode };
    struct span *strings[] = { &r.path, &r.key, &r.match, &r.value, &r.meta };
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        if (strings[i]->at && !keep(d, strings[i]))
            return -ENOMEM;
    struct make_rule *at = open_next(&d->make, sizeof *at, &err);
    if (at)
        *at = r;
    return err;
}
