/* What libssl would be: every second write is refused, and must come again as it was. */
#include "fake-tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ssl {
    const void *magic; /* an address in this copy */
    void *ex[FAKE_INDICES];
    unsigned reads, writes;
    const void *from;
    size_t pending;
    char wire[100000];
    size_t len;
};

static struct ssl *mine(const void *ssl)
{
    static const char here;
    struct ssl *s = (struct ssl *)(uintptr_t)ssl;
    if (s->magic && s->magic != &here) {
        fprintf(stderr, "a session of another library\n");
        _exit(9);
    }
    s->magic = &here;
    return s;
}

void *SSL_new(void *context)
{
    (void)context;
    return mine(calloc(1, sizeof(struct ssl)));
}

void SSL_free(void *ssl)
{
    fake_free_ex(ssl, mine(ssl)->ex);
    free(ssl);
}

int SSL_clear(void *ssl)
{
    mine(ssl)->len = 0;
    return 1;
}

int SSL_is_server(const void *ssl)
{
    mine(ssl);
    return getenv("FAKE_SERVER") != NULL;
}

int SSL_in_init(const void *ssl)
{
    mine(ssl);
    return 0;
}

int SSL_want(const void *ssl)
{
    return mine(ssl)->pending ? 2 : 1;
}

long SSL_ctrl(void *ssl, int command, long number, void *arg)
{
    (void)command, (void)number, (void)arg;
    mine(ssl);
    return 0;
}

int SSL_set_ex_data(void *ssl, int index, void *value)
{
    mine(ssl)->ex[index] = value;
    return 1;
}

void *SSL_get_ex_data(const void *ssl, int index)
{
    return mine(ssl)->ex[index];
}

/* A server's gets a request, each time another one. */
int SSL_read(void *ssl, void *data, int len)
{
    struct ssl *s = mine(ssl);
    if (!SSL_is_server(ssl))
        return -1;
    return snprintf(data, (size_t)len, "GET / HTTP/1.1\r\nbaggage: k=%u,pad=1\r\n\r\n", s->reads++);
}

int SSL_write_ex2(void *ssl, const void *data, size_t len, uint64_t flags, size_t *written)
{
    struct ssl *s = mine(ssl);
    if (flags || (s->pending && (s->from != data || s->pending != len)) ||
        len > sizeof s->wire - 1 - s->len) {
        fprintf(stderr, "a wrong write\n");
        _exit(8);
    }
    s->pending = s->writes++ % 2 ? 0 : len;
    s->from = data;
    if (s->pending)
        return 0;
    memcpy(s->wire + s->len, data, len);
    s->len += len;
    *written = len;
    return 1;
}

int SSL_write_ex(void *ssl, const void *data, size_t len, size_t *written)
{
    return SSL_write_ex2(ssl, data, len, 0, written);
}

int SSL_write(void *ssl, const void *data, int len)
{
    size_t n;
    return SSL_write_ex(ssl, data, (size_t)len, &n) ? (int)n : -1;
}

ssize_t SSL_sendfile(void *ssl, int fd, off_t offset, size_t size, int flags)
{
    struct ssl *s = mine(ssl);
    (void)flags;
    if (size > sizeof s->wire - 1 - s->len)
        size = sizeof s->wire - 1 - s->len;
    ssize_t n = pread(fd, s->wire + s->len, size, offset);
    s->len += n > 0 ? (size_t)n : 0;
    return n;
}

const char *fake_wire(void *ssl)
{
    return mine(ssl)->wire;
}
