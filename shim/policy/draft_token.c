#include <stdlib.h>

#include "policy/draft_parts.h"

enum { CLAIM_NAMES = 8 };

static int token_index(const struct policy_draft *d, struct span name)
{
    const struct token_rule *t = d->tokens.at;
    for (size_t i = 0; i < d->tokens.count; i++)
        if (span_equal(t[i].name, name))
            return (int)i;
    return -1;
}

const char *token_fault(const struct policy_draft *d, struct span name)
{
    return token_index(d, name) < 0 ? "is none of \"tokens\"" : NULL;
}

/* --- claims ----------------------------------------------------------------------------------- */

/* Writes the names, each with a NUL behind it, to `out` (NULL: nowhere), which has path.len + 1
 * bytes; a \ takes the meaning from a dot. Returns the length; 0: a name is empty or too long, or
 * there are too many. */
static size_t split_claim(struct span path, char *out)
{
    size_t len = 0, name = 0, names = 0;
    for (size_t i = 0; i <= path.len; i++) {
        bool ends = i == path.len || path.at[i] == '.';
        char c = ends ? 0 : path.at[i];
        if (c == '\\' && i + 1 < path.len)
            c = path.at[++i];
        if ((ends && !name) || name == JSON_NAME_MAX || (ends && ++names > CLAIM_NAMES))
            return 0;
        if (out)
            out[len] = c;
        len++;
        name = ends ? 0 : name + 1;
    }
    return len;
}

const char *claim_fault(struct span path)
{
    return split_claim(path, NULL) ? NULL
                                   : "is no path of up to 8 names with dots between, as in"
                                     " \"org.id\"; a dot within a name is written \\\\.";
}

int add_claim(struct policy_draft *d, struct span token, struct span path)
{
    int index = token_index(d, token);
    struct claim *known = d->claims.at;
    char *text = arena_take(&d->p.arena, path.len + 1);
    if (!text)
        return -ENOMEM;
    struct claim c = { (uint32_t)index, span_make(text, split_claim(path, text)) };
    for (size_t i = 0; i < d->claims.count; i++)
        if (known[i].token == c.token && span_equal(known[i].path, c.path))
            return (int)i;
    if (d->claims.count == LIMIT_CLAIMS)
        return -E2BIG;
    struct claim *at = array_more(&d->claims, sizeof *at);
    if (!at)
        return -ENOMEM;
    *at = c;
    return (int)d->claims.count++;
}

/* --- tokens ----------------------------------------------------------------------------------- */

static const char *verification_fault(const struct token_spec *spec, const char **part)
{
    struct token_key key;
    *part = NULL;
    if (spec->unverified)
        return spec->algorithm.at || spec->key.at || spec->issuer.at || spec->audience.at
                   ? "is \"unverified\", but says how to verify it"
                   : NULL;
    if (!spec->algorithm.at || !spec->key.at)
        return "needs an \"algorithm\" and a \"key_file\", or unverified = true to believe"
               " everybody";
    *part = "algorithm";
    if (!token_alg_parse(spec->algorithm, &key.alg))
        return "is not one of HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, ES512";
    *part = "key_file";
    unsigned char *room = malloc(spec->key.len + 1);
    const char *fault = room ? token_key_parse(spec->key, &key, room) : "needs memory";
    free(room);
    return fault;
}

const char *policy_token_fault(const struct policy_draft *d, const struct token_spec *spec,
                               const char **part)
{
    const char *fault;
    *part = NULL;
    if (!spec->name.len)
        return "needs a \"name\" for rules to call it by";
    *part = "name";
    if (token_index(d, spec->name) >= 0)
        return "stands here twice";
    *part = NULL;
    if (!spec->header.at == !spec->cookie.at)
        return "is to be found in one place, a \"header\" or a \"cookie\"";
    *part = spec->header.at ? "header" : "cookie";
    if (spec->header.at && (fault = policy_header_fault(spec->header)))
        return fault;
    if (spec->cookie.at && (!spec->cookie.len || spec->cookie.len > LIMIT_GLOB))
        return "is no name of a cookie";
    if ((fault = verification_fault(spec, part)))
        return fault;
    *part = "audience";
    return spec->audience.len > JSON_NAME_MAX || spec->issuer.len > JSON_NAME_MAX
               ? "or the issuer is longer than 128 bytes"
               : NULL;
}

static bool keep_key(struct policy_draft *d, struct token_key *key, struct span file)
{
    unsigned char *room = arena_take(&d->p.arena, file.len + 1);
    return room && !token_key_parse(file, key, room);
}

int policy_draft_token(struct policy_draft *d, const struct token_spec *spec)
{
    const char *part;
    if (policy_token_fault(d, spec, &part))
        return -EINVAL;
    if (d->tokens.count == LIMIT_TOKENS)
        return -E2BIG;
    int source = spec->header.at ? add_header(d, spec->header) : add_cookie(d, spec->cookie);
    if (source < 0)
        return source;
    struct token_rule t = { .name = arena_copy(&d->p.arena, spec->name),
                            .source = (uint32_t)source,
                            .unverified = spec->unverified,
                            .any_audience = span_equal(spec->audience, SPAN("*")),
                            .may_not_expire = spec->without_exp,
                            .leeway = (uint16_t)spec->leeway,
                            .issuer = arena_copy(&d->p.arena, spec->issuer),
                            .audience = arena_copy(&d->p.arena, spec->audience) };
    if (!t.unverified) {
        token_alg_parse(spec->algorithm, &t.key.alg);
        if (!keep_key(d, &t.key, spec->key))
            return -ENOMEM;
        d->p.secret |= t.key.alg <= ALG_HS512; /* the others' keys are public */
    }
    struct token_rule *at = array_more(&d->tokens, sizeof *at);
    if (!at || !t.name.at || !t.issuer.at || !t.audience.at)
        return -ENOMEM;
    *at = t;
    d->tokens.count++;
    return 0;
}
