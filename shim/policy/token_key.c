/* Keys out of files: secrets as they are, public keys in PEM (RFC 7468). */
#include "policy/token.h"

/* What is left of a DER value. */
struct der {
    const unsigned char *at;
    size_t len;
};

/* Takes the next element, which must have this tag, out of *in. */
static bool der_take(struct der *in, unsigned tag, struct der *out)
{
    size_t head = 2, len;
    if (in->len < 2 || in->at[0] != tag)
        return false;
    len = in->at[1];
    if (len == 0x81 && in->len >= 3) {
        len = in->at[2];
        head = 3;
    } else if (len == 0x82 && in->len >= 4) {
        len = (size_t)in->at[2] << 8 | in->at[3];
        head = 4;
    } else if (len > 0x7f) {
        return false;
    }
    if (in->len - head < len)
        return false;
    *out = (struct der){ in->at + head, len };
    *in = (struct der){ in->at + head + len, in->len - head - len };
    return true;
}

enum { DER_INTEGER = 2, DER_BITS = 3, DER_OID = 6, DER_SEQUENCE = 0x30 };

static bool der_is(struct der d, const char *bytes, size_t len)
{
    return d.len == len && memcmp(d.at, bytes, len) == 0;
}

/* A positive number without leading zeros. */
static bool der_number(struct der *in, struct span *out)
{
    struct der d;
    if (!der_take(in, DER_INTEGER, &d))
        return false;
    while (d.len && d.at[0] == 0) {
        d.at++;
        d.len--;
    }
    *out = span_make((const char *)d.at, d.len);
    return d.len > 0;
}

/* RFC 8017 appendix A.1.1. */
static const char *rsa_key(struct der key, struct token_key *out)
{
    struct der numbers;
    if (!der_take(&key, DER_SEQUENCE, &numbers) || !der_number(&numbers, &out->secret) ||
        !der_number(&numbers, &out->exponent))
        return "holds no RSA key that can be read";
    if (out->secret.len < 256)
        return "holds an RSA key of less than 2048 bits (RFC 7518 section 3.3)";
    return out->secret.len > 512 || out->exponent.len > 8
               ? "holds an RSA key of more than 4096 bits"
               : NULL;
}

/* The curve is the algorithm's. */
static const char *ec_key(struct der curve, struct der key, struct token_key *out)
{
    static const struct {
        const char *oid;
        size_t oid_len, point_len;
    } curves[] = { { "\x2a\x86\x48\xce\x3d\x03\x01\x07", 8, 65 },
                   { "\x2b\x81\x04\x00\x22", 5, 97 },
                   { "\x2b\x81\x04\x00\x23", 5, 133 } };
    unsigned i = (unsigned)out->alg - ALG_ES256;
    if (!der_is(curve, curves[i].oid, curves[i].oid_len))
        return "holds a key on another curve than the algorithm's";
    if (key.len != curves[i].point_len || key.at[0] != 4)
        return "holds an EC key in a form that cannot be read";
    out->secret = span_make((const char *)key.at, key.len);
    return NULL;
}

/* RFC 5280 section 4.1: SubjectPublicKeyInfo. */
static const char *public_key(struct der file, struct token_key *out)
{
    struct der info, algorithm, oid, curve = { 0 }, key;
    bool ec = out->alg >= ALG_ES256;
    if (!der_take(&file, DER_SEQUENCE, &info) || !der_take(&info, DER_SEQUENCE, &algorithm) ||
        !der_take(&algorithm, DER_OID, &oid) || !der_take(&info, DER_BITS, &key) || key.len < 2 ||
        key.at[0] != 0)
        return "holds no public key that can be read";
    key = (struct der){ key.at + 1, key.len - 1 };
    if (der_is(oid, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9) && !ec)
        return rsa_key(key, out);
    if (der_is(oid, "\x2a\x86\x48\xce\x3d\x02\x01", 7) && ec) {
        der_take(&algorithm, DER_OID, &curve);
        return ec_key(curve, key, out);
    }
    return ec ? "holds no EC key, which the algorithm asks for"
              : "holds no RSA key, which the algorithm asks for";
}

/* What stands between the lines BEGIN and END of this label, decoded. */
static bool pem_decode(struct span file, const char *begin, unsigned char *room, struct der *out)
{
    const char *from = memmem(file.at, file.len, begin, strlen(begin));
    size_t used = 0;
    if (!from)
        return false;
    from += strlen(begin);
    const char *end = memmem(from, (size_t)(file.at + file.len - from), "-----END", 8);
    for (; end && from < end; from++)
        if (!strchr(" \t\r\n=", *from)) /* base64url is base64 with two other digits */
            room[used++] = (unsigned char)(*from == '+' ? '-' : *from == '/' ? '_' : *from);
    /* What is decoded is shorter than what it is decoded from, and written behind what is read. */
    size_t len = base64_decode(span_make((char *)room, used), room, used);
    *out = (struct der){ room, len };
    return end && len != SIZE_MAX;
}

static const char *secret_key(struct span file, struct token_key *key, unsigned char *room)
{
    while (file.len && (file.at[file.len - 1] == '\n' || file.at[file.len - 1] == '\r'))
        file.len--;
    if (file.len && memmem(file.at, file.len, "-----BEGIN", 10))
        return "holds a key in PEM form, which is no secret";
    if (file.len < 32u + 16 * (unsigned)key->alg)
        return "holds a secret that is shorter than the hash (RFC 7518 section 3.2)";
    memcpy(room, file.at, file.len);
    key->secret = span_make((char *)room, file.len);
    return NULL;
}

const char *token_key_parse(struct span file, struct token_key *key, unsigned char *room)
{
    struct der der;
    if (file.len > LIMIT_SECRET_FILE)
        return "is too long";
    if (key->alg <= ALG_HS512)
        return secret_key(file, key, room);
    if (file.len && memmem(file.at, file.len, "PRIVATE KEY-----", 16))
        return "holds a private key; what is needed here is the public one";
    if (pem_decode(file, "-----BEGIN PUBLIC KEY-----", room, &der))
        return public_key(der, key);
    if (key->alg < ALG_ES256 && pem_decode(file, "-----BEGIN RSA PUBLIC KEY-----", room, &der))
        return rsa_key(der, key);
    return "holds no public key in PEM form (-----BEGIN PUBLIC KEY-----)";
}
