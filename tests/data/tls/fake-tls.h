/* Two libraries that look like OpenSSL's to who only writes: the functions of all its versions, and
 * a wire that can be looked at. */
#ifndef BELLHOP_TESTS_FAKE_TLS_H
#define BELLHOP_TESTS_FAKE_TLS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FAKE_INDICES 8

typedef void ex_free(void *ssl, void *value, void *data, int index, long number, void *arg);

int CRYPTO_get_ex_new_index(int class, long number, void *arg, void *fresh, void *copied,
                            ex_free *freed);
int BIO_method_type(const void *bio);
void *BIO_next(void *bio);
long BIO_ctrl(void *bio, int command, long number, void *arg);
int BIO_write(void *bio, const void *data, int len);
int BIO_puts(void *bio, const char *text);
int BIO_vprintf(void *bio, const char *format, va_list args);
int BIO_vsnprintf(char *text, size_t room, const char *format, va_list args);
int BIO_printf(void *bio, const char *format, ...);
int BIO_read(void *bio, void *data, int len);
int BIO_gets(void *bio, char *line, int size);
void fake_free_ex(void *ssl, void **values);
void *fake_bio(void *ssl, int (*write)(void *, const void *, int));

void *SSL_new(void *context);
void SSL_free(void *ssl);
int SSL_clear(void *ssl);
int SSL_is_server(const void *ssl);
int SSL_in_init(const void *ssl);
int SSL_want(const void *ssl);
long SSL_ctrl(void *ssl, int command, long number, void *arg);
int SSL_set_ex_data(void *ssl, int index, void *value);
void *SSL_get_ex_data(const void *ssl, int index);
int SSL_read(void *ssl, void *data, int len);
int SSL_write(void *ssl, const void *data, int len);
int SSL_write_ex(void *ssl, const void *data, size_t len, size_t *written);
int SSL_write_ex2(void *ssl, const void *data, size_t len, uint64_t flags, size_t *written);
ssize_t SSL_sendfile(void *ssl, int fd, off_t offset, size_t size, int flags);

/* What this session wrote. A fake session is never mixed up with a real one, nor with one of
 * another copy: it ends the process when it is. */
const char *fake_wire(void *ssl);

#endif
