/* The functions of OpenSSL that we stand before or ask: the ABI that 1.1.1 and 3.x share, with void
 * * for its handles, so that no header of it is needed to build the shim. */
#ifndef BELLHOP_HOOKS_OPENSSL_ABI_H
#define BELLHOP_HOOKS_OPENSSL_ABI_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

int SSL_clear(void *ssl);
int SSL_write(void *ssl, const void *data, int len);
int SSL_write_ex(void *ssl, const void *data, size_t len, size_t *written);
int SSL_write_ex2(void *ssl, const void *data, size_t len, uint64_t flags, size_t *written);
int SSL_write_early_data(void *ssl, const void *data, size_t len, size_t *written);
ssize_t SSL_sendfile(void *ssl, int fd, off_t offset, size_t size, int flags);
int SSL_read(void *ssl, void *data, int len);
int SSL_read_ex(void *ssl, void *data, size_t len, size_t *got);

int BIO_write(void *bio, const void *data, int len);
int BIO_write_ex(void *bio, const void *data, size_t len, size_t *written);
int BIO_puts(void *bio, const char *string);
int BIO_printf(void *bio, const char *format, ...);
int BIO_vprintf(void *bio, const char *format, va_list args);
int BIO_read(void *bio, void *data, int len);
int BIO_read_ex(void *bio, void *data, size_t len, size_t *got);
int BIO_gets(void *bio, char *line, int size);

enum {
    OPENSSL_WRITING = 2, /* SSL_want */
    OPENSSL_EARLY_DATA_REJECTED = 1,
    OPENSSL_CTRL_MODE = 33,
    OPENSSL_MODE_PARTIAL_WRITE = 1,
    OPENSSL_MODE_MOVING_BUFFER = 2,
    OPENSSL_EX_INDEX_SSL = 0,
    OPENSSL_BIO_GET_SSL = 110,
    OPENSSL_BIO_FILTER = 0x200,
    OPENSSL_BIO_SSL = 0x207,
    OPENSSL_BIO_BUFFER = 0x209,
    OPENSSL_BIO_NULL_FILTER = 0x211,
    OPENSSL_BIO_LINE_BUFFER = 0x214,
};

/* What is told when a handle's own data is set up, copied, freed (CRYPTO_EX_new, _dup, _free). */
typedef void openssl_ex_free(void *ssl, void *value, void *data, int index, long number, void *arg);
typedef int openssl_ex_dup(void *to, const void *from, void **value, int index, long number,
                           void *arg);

#endif
