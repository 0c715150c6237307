/* What libcrypto would be, of which libssl's sessions need: indices of extra data, and BIOs that
 * write into a session. Built with a soname and a map of versions (231-tls-loading.bats). */
#include "fake-tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ex_free *freeing[FAKE_INDICES];
static int indices;

int CRYPTO_get_ex_new_index(int class, long number, void *arg, void *fresh, void *copied,
                            ex_free *freed)
{
    (void)class, (void)number, (void)arg, (void)fresh, (void)copied;
    freeing[indices] = freed;
    return indices++;
}

void fake_free_ex(void *ssl, void **values)
{
    for (int i = 0; i < indices; i++)
        if (freeing[i])
            freeing[i](ssl, values[i], NULL, i, 0, NULL);
}

struct bio {
    void *ssl;
    int (*write)(void *ssl, const void *data, int len);
};

void *fake_bio(void *ssl, int (*write)(void *, const void *, int))
{
    struct bio *b = malloc(sizeof *b);
    *b = (struct bio){ ssl, write };
    return b;
}

int BIO_method_type(const void *bio)
{
    (void)bio;
    return 0x207; /* of sessions */
}

void *BIO_next(void *bio)
{
    (void)bio;
    return NULL;
}

long BIO_ctrl(void *bio, int command, long number, void *arg)
{
    (void)number;
    if (command == 110)
        *(void **)arg = ((struct bio *)bio)->ssl;
    return 1;
}

int BIO_write(void *bio, const void *data, int len)
{
    const struct bio *b = bio;
    return b->write(b->ssl, data, len);
}

int BIO_puts(void *bio, const char *text)
{
    return BIO_write(bio, text, (int)strlen(text));
}

int BIO_vprintf(void *bio, const char *format, va_list args)
{
    char text[1000];
    return BIO_write(bio, text, vsnprintf(text, sizeof text, format, args));
}

int BIO_vsnprintf(char *text, size_t room, const char *format, va_list args)
{
    return vsnprintf(text, room, format, args);
}

int BIO_printf(void *bio, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = BIO_vprintf(bio, format, args);
    va_end(args);
    return n;
}

int BIO_read(void *bio, void *data, int len)
{
    (void)bio, (void)data, (void)len;
    return -1;
}

int BIO_gets(void *bio, char *line, int size)
{
    return BIO_read(bio, line, size);
}
