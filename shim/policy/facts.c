#include "policy/facts.h"

#include "policy/path.h"

static void note(struct facts *f, uint32_t i, struct span value)
{
    uint64_t bit = (uint64_t)1 << i;
    if (f->found & bit && !span_equal(f->value[i], value))
        f->doubtful |= bit;
    f->found |= bit;
    f->value[i] = value;
}

static struct span without_quotes(struct span s)
{
    if (s.len >= 2 && s.at[0] == '"' && s.at[s.len - 1] == '"')
        return span_make(s.at + 1, s.len - 2);
    return s;
}

/* RFC 6265: names and values as they are, nothing is escaped. */
static void note_cookies(struct facts *f, const struct policy *p, struct span line)
{
    while (line.at) {
        struct span value, pair = span_trim(span_cut(line, ';', &line));
        struct span name = span_trim(span_cut(pair, '=', &value));
        for (uint32_t i = 0; value.at && i < p->source_count; i++)
            if (p->sources[i].kind == SOURCE_COOKIE && span_equal(p->sources[i].name, name))
                note(f, i, without_quotes(span_trim(value)));
    }
}

/* However its characters are escaped. */
static bool is_parameter(struct span escaped, struct span name)
{
    size_t at = 0;
    if (escaped.len < name.len)
        return false;
    for (int c; (c = unescape_next(&escaped, true)) >= 0; at++)
        if (at == name.len || (unsigned char)name.at[at] != c)
            return false;
    return at == name.len;
}

static void note_query(struct facts *f, const struct policy *p, struct span query)
{
    while (query.at) {
        struct span value, name = span_cut(span_cut(query, '&', &query), '=', &value);
        for (uint32_t i = 0; value.at && i < p->source_count; i++)
            if (p->sources[i].kind == SOURCE_QUERY && is_parameter(name, p->sources[i].name))
                note(f, i, value);
    }
}

static void note_line(struct facts *f, const struct policy *p, const struct inbound_field *line)
{
    if (line->field == p->cookies)
        note_cookies(f, p, line->value);
    for (uint32_t i = 0; i < p->source_count; i++)
        if (p->sources[i].kind == SOURCE_HEADER && p->sources[i].field == line->field)
            note(f, i, line->value);
}

/* Apart, since this needs much of the stack. */
static __attribute__((noinline)) void note_token(struct facts *f, const struct policy *p,
                                                 uint32_t token)
{
    struct token_claims claims = { .count = 0 };
    uint64_t bit = (uint64_t)1 << p->tokens[token].source;
    f->payload[token] = SPAN("");
    for (uint32_t i = 0; i < p->claim_count; i++)
        if (p->claims[i].token == token)
            claims.path[claims.count++] = p->claims[i].path;
    if (!(f->found & ~f->doubtful & bit) || !claims.count)
        return;
    token_read(&p->tokens[token], p->verifier, f->value[p->tokens[token].source], &claims);
    f->payload[token] = claims.payload;
    for (uint32_t i = 0, k = 0; i < p->claim_count; i++)
        if (p->claims[i].token == token)
            f->claim[i] = claims.value[k++];
}

void facts_collect(struct facts *f, const struct policy *p, const struct inbound *in)
{
    f->found = f->doubtful = 0;
    f->peer = in->peer_unix ? SPAN("") : in->peer;
    f->path = path_of_target(in->target);
    if (path_is_doubtful(f->path))
        f->path = SPAN("");
    for (size_t i = 0; i < in->fields; i++)
        note_line(f, p, &in->field[i]);
    note_query(f, p, query_of_target(in->target));
    for (uint32_t i = 0; i < p->token_count; i++)
        note_token(f, p, i);
}

static size_t copy(struct span s, char *out, size_t max)
{
    if (s.len > max)
        return SIZE_MAX;
    if (s.len)
        memcpy(out, s.at, s.len);
    return s.len;
}

static size_t unescape(struct span s, bool plus, char *out, size_t max)
{
    size_t len = 0;
    for (int c; (c = unescape_next(&s, plus)) >= 0; len++) {
        if (len == max)
            return SIZE_MAX;
        out[len] = (char)c;
    }
    return len;
}

static size_t source_text(const struct facts *f, const struct policy *p, uint32_t i, char *out,
                          size_t max)
{
    if (!(f->found & ~f->doubtful & (uint64_t)1 << i))
        return SIZE_MAX;
    return p->sources[i].kind == SOURCE_QUERY ? unescape(f->value[i], true, out, max)
                                              : copy(f->value[i], out, max);
}

static size_t path_text(const struct facts *f, struct span pattern, char *out, size_t max)
{
    struct span taken = SPAN("/"); /* for patterns that take nothing: there is something */
    if (!path_match(pattern, f->path, &taken))
        return SIZE_MAX;
    return unescape(taken, false, out, max);
}

static size_t claim_text(const struct facts *f, const struct policy *p, uint32_t i, char *out,
                         size_t max)
{
    struct span payload = f->payload[p->claims[i].token];
    return payload.len ? json_text(payload, f->claim[i], out, max) : SIZE_MAX;
}

size_t facts_text(const struct facts *f, const struct policy *p, const struct make_rule *r,
                  char *out, size_t max)
{
    switch (r->from) {
    case MAKE_SOURCE:
        return source_text(f, p, r->index, out, max);
    case MAKE_PATH:
        return path_text(f, r->path, out, max);
    case MAKE_PEER:
        return copy(f->peer, out, max);
    default:
        return claim_text(f, p, r->index, out, max);
    }
}
