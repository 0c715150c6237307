/* The functions of OpenSSL that we stand before or ask: the ABI that 1.1.1 and 3.x share, with void
 * * for its handles, so that no header of it is needed to build the shim. */
#ifndef BELLHOP_HOOKS_OPENSSL_ABI_H
#define BELLHOP_HOOKS_OPENSSL_ABI_H

#include <stddef.h>
#include <sys/types.h>

void *SSL_new(void *context);
void SSL_free(void *ssl);
int SSL_clear(void *ssl);
int SSL_write(void *ssl, const void *data, int len);
int SSL_write_ex(void *ssl, const void *data, size_t len, size_t *written);
int SSL_write_early_data(void *ssl, const void *data, size_t len, size_t *written);
ssize_t SSL_sendfile(void *ssl, int fd, off_t offset, size_t size, int flags);
int SSL_read(void *ssl, void *data, int len);
int SSL_read_ex(void *ssl, void *data, size_t len, size_t *got);
int BIO_write(void *bio, const void *data, int len);
int BIO_write_ex(void *bio, const void *data, size_t len, size_t *written);

enum {
    OPENSSL_CTRL_MODE = 33,
    OPENSSL_MODE_PARTIAL_WRITE = 1,
    OPENSSL_BIO_GET_SSL = 110,
    OPENSSL_BIO_TYPE_SSL = 0x207,
};

#endif
