/* B that asks by OpenSSL: ssl-rules PORT|PATH CA. */
#include <openssl/ssl.h>

#include "rules-serve.h"

static SSL_CTX *ctx;

static bool rules_exchange(int fd, const char *host, const char *text, size_t size)
{
    char buf[4096];
    bool any = false;
    SSL *ssl = SSL_new(ctx);
    if (ssl && SSL_set_fd(ssl, fd) == 1 && SSL_set1_host(ssl, host) == 1 &&
        SSL_set_tlsext_host_name(ssl, host) == 1 && SSL_connect(ssl) == 1 &&
        SSL_write(ssl, text, (int)size) == (int)size)
        while (SSL_read(ssl, buf, sizeof buf) > 0)
            any = true;
    SSL_free(ssl);
    return any;
}

int main(int argc, char **argv)
{
    ctx = SSL_CTX_new(TLS_client_method());
    if (argc != 3 || !ctx || SSL_CTX_load_verify_locations(ctx, argv[2], NULL) != 1)
        return 2;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    rules_run(argv[1]);
}
