/* Calls SSL_read, which fails at once, from 64 places in turns, COUNT times: ssl-sites COUNT. */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#define PLACE(n)                                                                                   \
    static void place##n(SSL *ssl)                                                                 \
    {                                                                                              \
        char buf[10];                                                                              \
        if (SSL_read(ssl, buf, n + 1) > 0)                                                         \
            exit(1);                                                                               \
    }
#define EIGHT(do, n)                                                                               \
    do                                                                                             \
    (n##0) do(n##1) do(n##2) do(n##3) do(n##4) do(n##5) do(n##6) do(n##7)
#define ALL(do)                                                                                    \
    EIGHT(do, 0)                                                                                   \
    EIGHT(do, 1) EIGHT(do, 2) EIGHT(do, 3) EIGHT(do, 4) EIGHT(do, 5) EIGHT(do, 6) EIGHT(do, 7)
#define NAME(n) place##n,

ALL(PLACE)

int main(int argc, char **argv)
{
    static void (*const places[])(SSL *) = { ALL(NAME) };
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    for (long i = argc == 2 ? atol(argv[1]) : 0; i > 0; i--)
        for (size_t p = 0; p < sizeof places / sizeof *places; p++)
            places[p](ssl);
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    return 0;
}
