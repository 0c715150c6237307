#include "policy/token.h"

enum { SIGNATURE_MAX = 512 }; /* of RSA with 4096 bits */

static const char names[ALGS][6] = { "HS256", "HS384", "HS512", "RS256", "RS384",
                                     "RS512", "ES256", "ES384", "ES512" };

const char *token_alg_name(enum token_alg alg)
{
    return names[alg];
}

bool token_alg_parse(struct span name, enum token_alg *out)
{
    for (int i = 0; i < ALGS; i++) {
        if (!span_equal(name, span_of(names[i])))
            continue;
        *out = (enum token_alg)i;
        return true;
    }
    return false;
}

/* The algorithm is the key's, never the token's: one that says another is none of ours, be it
 * "none", or HS256 to make a secret of a public key. An extension that must be understood is not.
 */
static bool is_header_right(const struct token_rule *t, struct span header)
{
    const struct span path[] = { SPAN("alg\0"), SPAN("crit\0") };
    struct json_value found[2];
    return json_find(header, path, 2, found) && found[0].kind == JSON_STRING &&
           json_has(header, found[0], span_of(names[t->key.alg])) && found[1].kind == JSON_NONE;
}

static bool is_signed(const struct token_rule *t, const struct token_verifier *v, struct span bytes,
                      struct span signature)
{
    unsigned char room[SIGNATURE_MAX];
    size_t len = base64_decode(signature, room, sizeof room);
    return v && len != SIZE_MAX && v->verify(&t->key, bytes, span_make((const char *)room, len));
}

/* Seconds, of which fractions do not count. -1: none. */
static int64_t date(struct span payload, struct json_value v)
{
    char text[32];
    unsigned long seconds;
    struct span fraction;
    size_t len = v.kind == JSON_OTHER ? json_text(payload, v, text, sizeof text) : SIZE_MAX;
    if (len == SIZE_MAX || memchr(text, 'e', len) ||
        !span_uint(span_cut(span_make(text, len), '.', &fraction), (unsigned long)1 << 40,
                   &seconds))
        return -1;
    return (int64_t)seconds;
}

static bool is_in_time(const struct token_rule *t, const struct token_verifier *v,
                       struct span payload, struct json_value exp, struct json_value nbf)
{
    int64_t now = v->now();
    int64_t until = date(payload, exp), from = date(payload, nbf);
    if (exp.kind == JSON_NONE ? !t->may_not_expire : until < 0 || now >= until + t->leeway)
        return false;
    return nbf.kind == JSON_NONE || (from >= 0 && now + t->leeway >= from);
}

/* RFC 7519 section 4.1.3: a token that names an audience is not for who is not of it. */
static bool is_for_us(const struct token_rule *t, struct span payload, struct json_value aud)
{
    if (t->any_audience)
        return true;
    return aud.kind == JSON_NONE ? t->audience.len == 0
                                 : t->audience.len && json_has(payload, aud, t->audience);
}

static bool is_payload_right(const struct token_rule *t, const struct token_verifier *v,
                             struct span payload)
{
    const struct span path[] = { SPAN("exp\0"), SPAN("nbf\0"), SPAN("iss\0"), SPAN("aud\0") };
    struct json_value found[4];
    return json_find(payload, path, 4, found) && is_in_time(t, v, payload, found[0], found[1]) &&
           (t->issuer.len == 0 ||
            (found[2].kind == JSON_STRING && json_has(payload, found[2], t->issuer))) &&
           is_for_us(t, payload, found[3]);
}

static struct span without_scheme(struct span s)
{
    struct span rest;
    struct span scheme = span_cut(s, ' ', &rest);
    return rest.at && span_equal_nocase(scheme, SPAN("Bearer")) ? span_trim(rest) : s;
}

void token_read(const struct token_rule *t, const struct token_verifier *v, struct span text,
                struct token_claims *out)
{
    struct span rest, payload, signature;
    out->payload = SPAN("");
    text = without_scheme(text);
    if (text.len > LIMIT_TOKEN)
        return;
    struct span header = span_cut(text, '.', &rest);
    payload = span_cut(rest, '.', &signature);
    if (!signature.at || memchr(signature.at, '.', signature.len))
        return;
    if (!json_find(header, NULL, 0, NULL))
        return;
    if (!t->unverified) {
        struct span bytes = span_make(text.at, (size_t)(payload.at + payload.len - text.at));
        if (!is_header_right(t, header) || !is_signed(t, v, bytes, signature) ||
            !is_payload_right(t, v, payload))
            return;
    }
    if (json_find(payload, out->path, out->count, out->value))
        out->payload = payload;
}
