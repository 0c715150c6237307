/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104, FIPS 198-1). Nothing here allocates. */
#ifndef BELLHOP_POLICY_SHA256_H
#define BELLHOP_POLICY_SHA256_H

#include <stdint.h>

#include "base/span.h"

enum { SHA256_LEN = 32, SHA256_BLOCK = 64 };

struct sha256 {
    uint32_t state[8];
    uint64_t len; /* bytes so far */
    unsigned char block[SHA256_BLOCK];
};

void sha256_init(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *bytes, size_t len);
void sha256_end(struct sha256 *h, unsigned char out[SHA256_LEN]);

/* A key, prepared: the states behind its two pads. */
struct hmac_key {
    struct sha256 inner, outer;
};

void hmac_key_init(struct hmac_key *k, struct span key);

/* Begins a message: add its bytes with sha256_add, then end it here. */
struct sha256 hmac_begin(const struct hmac_key *k);
void hmac_end(const struct hmac_key *k, struct sha256 *h, unsigned char out[SHA256_LEN]);

#endif
