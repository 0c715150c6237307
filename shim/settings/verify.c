#include "settings/verify.h"

#include <bearssl.h>
#include <time.h>

static const br_hash_class *const hashes[] = { &br_sha256_vtable, &br_sha384_vtable,
                                               &br_sha512_vtable };
enum { HASHES = sizeof hashes / sizeof *hashes, HASH_MAX = 64 };

static const unsigned char *bytes_of(struct span s)
{
    return (const unsigned char *)s.at;
}

static void hash(const br_hash_class *with, struct span bytes, unsigned char out[HASH_MAX])
{
    br_hash_compat_context context;
    with->init(&context.vtable);
    with->update(&context.vtable, bytes.at, bytes.len);
    with->out(&context.vtable, out);
}

static size_t hash_len(const br_hash_class *of)
{
    return (of->desc >> BR_HASHDESC_OUT_OFF) & BR_HASHDESC_OUT_MASK;
}

/* In a time that does not tell how much of it is right. */
static bool verify_hmac(const struct token_key *key, const br_hash_class *with, struct span bytes,
                        struct span signature)
{
    unsigned char right[HASH_MAX];
    br_hmac_key_context prepared;
    br_hmac_context context;
    unsigned wrong = 0;
    if (signature.len != hash_len(with))
        return false;
    br_hmac_key_init(&prepared, with, key->secret.at, key->secret.len);
    br_hmac_init(&context, &prepared, 0);
    br_hmac_update(&context, bytes.at, bytes.len);
    br_hmac_out(&context, right);
    for (size_t i = 0; i < signature.len; i++)
        wrong |= right[i] ^ bytes_of(signature)[i];
    return wrong == 0;
}

/* RFC 7518 section 3.3: PKCS #1 v1.5. */
static bool verify_rsa(const struct token_key *key, const br_hash_class *with, unsigned which,
                       struct span bytes, struct span signature)
{
    static const unsigned char *const oids[HASHES] = { BR_HASH_OID_SHA256, BR_HASH_OID_SHA384,
                                                       BR_HASH_OID_SHA512 };
    unsigned char is[HASH_MAX], said[HASH_MAX];
    br_rsa_public_key public = { .n = (unsigned char *)key->secret.at,
                                 .nlen = key->secret.len,
                                 .e = (unsigned char *)key->exponent.at,
                                 .elen = key->exponent.len };
    size_t len = hash_len(with);
    if (!br_rsa_pkcs1_vrfy_get_default()(bytes_of(signature), signature.len, oids[which], len,
                                         &public, said))
        return false;
    hash(with, bytes, is);
    return memcmp(is, said, len) == 0;
}

/* RFC 7518 section 3.4: both numbers as they are, side by side. */
static bool verify_ec(const struct token_key *key, const br_hash_class *with, unsigned which,
                      struct span bytes, struct span signature)
{
    static const struct {
        int curve;
        size_t signature_len;
    } curves[HASHES] = { { BR_EC_secp256r1, 64 },
                         { BR_EC_secp384r1, 96 },
                         { BR_EC_secp521r1, 132 } };
    unsigned char is[HASH_MAX];
    br_ec_public_key public = { .curve = curves[which].curve,
                                .q = (unsigned char *)key->secret.at,
                                .qlen = key->secret.len };
    if (signature.len != curves[which].signature_len)
        return false;
    hash(with, bytes, is);
    return br_ecdsa_vrfy_raw_get_default()(br_ec_get_default(), is, hash_len(with), &public,
                                           signature.at, signature.len) == 1;
}

static bool verify(const struct token_key *key, struct span bytes, struct span signature)
{
    unsigned which = (unsigned)key->alg % HASHES;
    if (key->alg <= ALG_HS512)
        return verify_hmac(key, hashes[which], bytes, signature);
    if (key->alg <= ALG_RS512)
        return verify_rsa(key, hashes[which], which, bytes, signature);
    return verify_ec(key, hashes[which], which, bytes, signature);
}

/* No system call where the kernel offers its clock to processes, as it does everywhere by now. */
static int64_t now(void)
{
    struct timespec t;
    return clock_gettime(CLOCK_REALTIME_COARSE, &t) == 0 ? t.tv_sec : INT64_MAX / 2;
}

__attribute__((visibility("default"))) const struct token_verifier *bellhop_token_verifier(int abi)
{
    static const struct token_verifier verifier = { verify, now };
    return abi == VERIFIER_ABI ? &verifier : NULL;
}
