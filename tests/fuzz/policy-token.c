/* Any bytes as a token, and as a key file: nothing is read outside of them, and what is taken out
 * of a token is text that stands in a JSON object at its path. The first byte says what is tried.
 */
#include <stdint.h>
#include <stdlib.h>

#include "policy/token.h"

static bool verify(const struct token_key *key, struct span bytes, struct span signature)
{
    (void)key;
    return bytes.len && signature.len == 3;
}

static int64_t now(void)
{
    return 1700000000;
}

static void read_token(struct span text, bool unverified)
{
    static const struct token_verifier verifier = { verify, now };
    struct token_rule rule = {
        .unverified = unverified, .key.alg = ALG_HS256, .issuer = SPAN("a"), .audience = SPAN("b")
    };
    struct token_claims claims = { .count = 3,
                                   .path = { SPAN("sub\0"), SPAN("org\0id\0"), SPAN("a.b\0") } };
    char out[64];
    token_read(&rule, &verifier, text, &claims);
    for (size_t i = 0; claims.payload.len && i < claims.count; i++) {
        size_t len = json_text(claims.payload, claims.value[i], out, sizeof out);
        if (len != SIZE_MAX && len > sizeof out)
            abort();
        json_has(claims.payload, claims.value[i], SPAN("x"));
    }
    if (claims.payload.len && (claims.payload.at < text.at ||
                               claims.payload.at + claims.payload.len > text.at + text.len))
        abort();
}

/* A key points into the room that it was read into. */
static void read_key(struct span file, uint8_t alg)
{
    static unsigned char room[LIMIT_SECRET_FILE];
    struct token_key key = { .alg = (enum token_alg)(alg % ALGS) };
    if (token_key_parse(file, &key, room))
        return;
    const char *begin = (const char *)room, *end = begin + sizeof room;
    if (key.secret.at < begin || key.secret.at + key.secret.len > end || !key.secret.len ||
        (key.exponent.len && (key.exponent.at < begin || key.exponent.at + key.exponent.len > end)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct span rest = span_make((const char *)data + 1, size - 1);
    if (data[0] & 1)
        read_key(rest, data[0] >> 1);
    else
        read_token(rest, data[0] & 2);
    return 0;
}
