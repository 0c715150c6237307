#include "policy/draft_parts.h"
#include "policy/glob.h"
#include "policy/make.h"
#include "policy/path.h"

void policy_draft_edge(struct policy_draft *d)
{
    d->p.edge = true;
}

int policy_draft_trust(struct policy_draft *d, int line)
{
    int err;
    struct trust_rule *r = open_next(&d->trust, sizeof *r, &err);
    if (r)
        r->line = line;
    return err;
}

static const char *peer_parse(struct span pattern, struct host_pattern *out)
{
    const char *fault = host_pattern_parse(pattern, out);
    if (fault)
        return fault;
    if (out->port)
        return "has a port; write ports = [ ... ]; for those of this program";
    if (out->kind == HOST_SUFFIX || (out->kind == HOST_NAME && !span_equal(pattern, SPAN("unix"))))
        return "is a name; a peer is known by its address alone, or as \"unix\"";
    return NULL;
}

const char *policy_peer_fault(struct span pattern)
{
    struct host_pattern unused;
    return peer_parse(pattern, &unused);
}

int policy_draft_trust_peer(struct policy_draft *d, struct span pattern)
{
    struct host_pattern parsed;
    struct trust_rule *r = last_of(&d->trust, sizeof *r);
    if (!r || peer_parse(pattern, &parsed))
        return -EINVAL;
    return add_host(d, &r->peers, &parsed);
}

int policy_draft_trust_port(struct policy_draft *d, uint16_t port)
{
    int err;
    struct trust_rule *r = last_of(&d->trust, sizeof *r);
    uint16_t *at = r ? pattern_more(&d->ports, sizeof *at, &r->ports, &err) : NULL;
    if (!at)
        return r ? err : -EINVAL;
    *at = port;
    d->ports.count++;
    r->ports.count++;
    return 0;
}

int policy_draft_trust_key(struct policy_draft *d, struct span pattern)
{
    struct trust_rule *r = last_of(&d->trust, sizeof *r);
    return add_key(d, r ? &r->keys : NULL, pattern);
}

int policy_draft_salt(struct policy_draft *d, struct span salt)
{
    if (salt.len == 0)
        return -EINVAL;
    hmac_key_init(&d->p.salt, salt);
    d->p.salted = true;
    return 0;
}

/* --- make ------------------------------------------------------------------------------------- */

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

static int source_of(struct policy_draft *d, const struct make_spec *spec)
{
    if (spec->header.at) {
        int field = watch_field(d, spec->header);
        return field < 0 ? field : add_source(d, SOURCE_HEADER, (uint8_t)field, SPAN(""));
    }
    if (spec->query.at)
        return add_source(d, SOURCE_QUERY, 0, spec->query);
    int field = watch_field(d, SPAN("cookie"));
    if (field < 0)
        return field;
    d->p.cookies = (uint8_t)field;
    return add_source(d, SOURCE_COOKIE, 0, spec->cookie);
}

static const char *source_fault(const struct make_spec *spec, const char **part)
{
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

const char *policy_make_fault(const struct policy_draft *d, const struct make_spec *spec,
                              const char **part)
{
    const char *fault;
    unsigned sources = (spec->header.at != NULL) + (spec->cookie.at != NULL) +
                       (spec->query.at != NULL) + (spec->path.at != NULL) + spec->peer;
    *part = "key";
    if (!baggage_is_key(spec->key))
        return "cannot be a key (letters, digits and !#$%&'*+-.^_`|~ are allowed)";
    *part = NULL;
    if (sources != 1)
        return sources ? "takes its value from more than one place"
                       : "takes its value from nowhere";
    if ((fault = source_fault(spec, part)))
        return fault;
    *part = "match";
    if (spec->match.at && (fault = glob_fault(spec->match)))
        return fault;
    *part = "value";
    if (spec->value.at && (spec->hash || spec->lower || spec->value.len > MAKE_VALUE_MAX))
        return spec->hash || spec->lower ? "is sent as it is; \"lower\" and \"hash\" have no effect"
                                         : "is longer than 512 bytes";
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
                           .from = spec->path.at ? MAKE_PATH
                                   : spec->peer  ? MAKE_PEER
                                                 : MAKE_SOURCE,
                           .index = (uint32_t)index,
                           .path = spec->path,
                           .key = spec->key,
                           .key_hash = key_hash(spec->key),
                           .match = spec->match,
                           .value = spec->value,
                           .max = (uint16_t)(spec->max ? spec->max : 256),
                           .lower = spec->lower,
                           .hash = spec->hash,
                           .mode = (enum made_mode)spec->mode };
    struct span *strings[] = { &r.path, &r.key, &r.match, &r.value };
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        if (strings[i]->at && !keep(d, strings[i]))
            return -ENOMEM;
    struct make_rule *at = open_next(&d->make, sizeof *at, &err);
    if (at)
        *at = r;
    return err;
}
