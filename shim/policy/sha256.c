#include "policy/sha256.h"

/* FIPS 180-4 section 4.2.2: the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned bits)
{
    return x >> bits | x << (32 - bits);
}

static uint32_t load(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void store(unsigned char *at, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(x >> (24 - 8 * i));
}

/* Section 6.2.2; the schedule keeps its last 16 words only. */
static void compress(uint32_t state[8], const unsigned char block[SHA256_BLOCK])
{
    uint32_t w[16], v[8];
    memcpy(v, state, sizeof v);
    for (unsigned t = 0; t < 64; t++) {
        if (t < 16) {
            w[t] = load(block + 4 * t);
        } else {
            uint32_t a = w[(t - 15) & 15], b = w[(t - 2) & 15];
            w[t & 15] += (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[(t - 7) & 15] +
                         (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
        }
        uint32_t e = v[4], a = v[0];
        uint32_t t1 = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                      ((e & v[5]) ^ (~e & v[6])) + k[t] + w[t & 15];
        uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                      ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        state[i] += v[i];
}

void sha256_init(struct sha256 *h)
{
    static const uint32_t first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    memcpy(h->state, first, sizeof first);
    h->len = 0;
}

void sha256_add(struct sha256 *h, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    size_t used = h->len % SHA256_BLOCK;
    h->len += len;
    while (len) {
        size_t room = SHA256_BLOCK - used, now = len < room ? len : room;
        memcpy(h->block + used, at, now);
        at += now;
        len -= now;
        used += now;
        if (used < SHA256_BLOCK)
            break;
        compress(h->state, h->block);
        used = 0;
    }
}

void sha256_end(struct sha256 *h, unsigned char out[SHA256_LEN])
{
    static const unsigned char pad[SHA256_BLOCK] = { 0x80 };
    unsigned char bits[8];
    size_t used = h->len % SHA256_BLOCK;
    store(bits, (uint32_t)(h->len >> 29));
    store(bits + 4, (uint32_t)(h->len << 3));
    sha256_add(h, pad, used < 56 ? 56 - used : 120 - used);
    sha256_add(h, bits, sizeof bits);
    for (int i = 0; i < 8; i++)
        store(out + 4 * i, h->state[i]);
}

void hmac_key_init(struct hmac_key *key, struct span secret)
{
    unsigned char block[SHA256_BLOCK] = { 0 };
    if (secret.len > sizeof block) {
        sha256_init(&key->inner);
        sha256_add(&key->inner, secret.at, secret.len);
        sha256_end(&key->inner, block);
    } else if (secret.len) {
        memcpy(block, secret.at, secret.len);
    }
    sha256_init(&key->inner);
    sha256_init(&key->outer);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36;
    sha256_add(&key->inner, block, sizeof block);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36 ^ 0x5c;
    sha256_add(&key->outer, block, sizeof block);
}

struct sha256 hmac_begin(const struct hmac_key *key)
{
    return key->inner;
}

void hmac_end(const struct hmac_key *key, struct sha256 *h, unsigned char out[SHA256_LEN])
{
    sha256_end(h, out);
    *h = key->outer;
    sha256_add(h, out, SHA256_LEN);
    sha256_end(h, out);
}
