/* JSON Web Tokens (RFC 7519, in the compact form of RFC 7515): which of them are believed, and what
 * they say. The signature is looked at by a verifier that somebody else brings (settings.h), since
 * that needs a library. */
#ifndef BELLHOP_POLICY_TOKEN_H
#define BELLHOP_POLICY_TOKEN_H

#include "base/limits.h"
#include "policy/json.h"

/* The order is that of token_alg_name. */
enum token_alg {
    ALG_HS256,
    ALG_HS384,
    ALG_HS512,
    ALG_RS256,
    ALG_RS384,
    ALG_RS512,
    ALG_ES256,
    ALG_ES384,
    ALG_ES512,
    ALGS
};

/* A key, of the kind that its algorithm asks for, and no other. */
struct token_key {
    enum token_alg alg;
    struct span secret;   /* HS: the secret; RS: the modulus; ES: the point, uncompressed */
    struct span exponent; /* RS */
};

/* What looks at signatures. Both functions allocate nothing and take no lock. */
struct token_verifier {
    /* True if `signature` is right for the bytes by this key. */
    bool (*verify)(const struct token_key *key, struct span bytes, struct span signature);
    int64_t (*now)(void); /* seconds since 1970 */
};

/* Which tokens are believed. */
struct token_rule {
    struct span name;
    uint32_t source; /* policy.sources */
    bool unverified; /* all of them */
    bool any_audience;
    bool may_not_expire;
    uint16_t leeway; /* seconds */
    struct token_key key;
    struct span issuer;   /* empty: any */
    struct span audience; /* empty: tokens that name none */
};

/* The paths of a token's claims, and what was found; `payload` is empty if it is not believed. */
struct token_claims {
    size_t count;
    struct span path[LIMIT_CLAIMS];
    struct json_value value[LIMIT_CLAIMS];
    struct span payload;
};

/* Looks at `text`, the value of a header or cookie. `v` may be NULL: no signature is right. */
void token_read(const struct token_rule *t, const struct token_verifier *v, struct span text,
                struct token_claims *out);

/* "HS256" ...; static. */
const char *token_alg_name(enum token_alg alg);

/* False: none of them; "none" is none. */
bool token_alg_parse(struct span name, enum token_alg *out);

/* Reads a key file for key->alg, into `room`, which has LIMIT_SECRET_FILE bytes and to which the
 * key then points. Returns NULL, or what is wrong, as the end of a sentence, static. */
const char *token_key_parse(struct span file, struct token_key *key, unsigned char *room);

#endif
