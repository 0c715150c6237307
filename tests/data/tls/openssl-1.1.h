/* What the programs of the tests use of OpenSSL 3, for 1.1: put before them by `-include`. */
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#define SSL_OP_ALLOW_CLIENT_RENEGOTIATION 0 /* it allows it */

static inline EVP_PKEY *old_ec_key(void)
{
    EC_KEY *ec = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    EVP_PKEY *key = EVP_PKEY_new();
    if (!ec || !key || !EC_KEY_generate_key(ec) || !EVP_PKEY_assign_EC_KEY(key, ec))
        return NULL;
    EC_KEY_set_asn1_flag(ec, OPENSSL_EC_NAMED_CURVE);
    return key;
}
#define EVP_EC_gen(curve) old_ec_key()

static inline unsigned long old_error(const char **data, int *flags)
{
    const char *file;
    int line;
    return ERR_get_error_line_data(&file, &line, data, flags);
}
#define ERR_get_error_all(file, line, function, data, flags) old_error(data, flags)

#define ERR_raise(library, reason) ERR_put_error(library, 0, reason, __FILE__, __LINE__)

/* An SSL BIO of 1.1 must be told where to put the count. */
static size_t old_count;
#define BIO_write_ex(bio, data, len, written)                                                      \
    BIO_write_ex(bio, data, len, (written) ? (written) : &old_count)
