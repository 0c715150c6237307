/* A server of OpenSSL in many threads, and clients that keep their connections: ssl-serve THREADS
 * CONNECTIONS REQUESTS. Each request causes a call, of which the server says how many had its
 * baggage. */
#include "ssl-pair.h"

#include "tls-serve.h"

static SSL_CTX *server, *client_side;

static SSL *shaken(SSL_CTX *ctx, int fd, int (*shake)(SSL *))
{
    SSL *ssl = SSL_new(ctx);
    if (!ssl || SSL_set_fd(ssl, fd) != 1 || shake(ssl) != 1)
        die("no handshake");
    return ssl;
}

static void serves_one(int fd)
{
    char text[1024];
    size_t len = 0;
    SSL *ssl = shaken(server, fd, SSL_accept);
    int n;
    for (unsigned turn = 0; (n = SSL_read(ssl, text + len, 100)) > 0; turn++) {
        len += (size_t)n;
        text[len] = '\0';
        if (!strstr(text, "\r\n\r\n"))
            continue;
        len = 0;
        goes_on(atoi(strstr(text, "k=") + 2));
        if (turn % 2)
            n = SSL_write(ssl, ANSWER, sizeof ANSWER - 1);
        else /* in two parts */
            n = SSL_write(ssl, ANSWER, 20) == 20
                    ? SSL_write(ssl, &ANSWER[20], sizeof ANSWER - 1 - 20)
                    : 0;
        must(n > 0, "answer");
        goes_on(-1);
    }
    SSL_free(ssl);
    close(fd);
}

static void asks_one(int fd)
{
    char text[1024];
    SSL *ssl = shaken(client_side, fd, SSL_connect);
    for (unsigned i = 0; i < requests; i++) {
        int n = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nbaggage: k=%d,pad=%0200d\r\n\r\n",
                         next_id(), 0);
        must(SSL_write(ssl, text, n) == n, "ask");
        for (size_t len = 0; len < sizeof ANSWER - 1; len += (size_t)n)
            must((n = SSL_read(ssl, text, (int)(sizeof ANSWER - 1 - len))) > 0, "hear");
    }
    SSL_free(ssl);
    syscall(SYS_close, fd);
}

int main(int argc, char **argv)
{
    serve_arguments(argc, argv);
    server = server_context();
    client_side = SSL_CTX_new(TLS_client_method());
    serve_all();
    SSL_CTX_free(server);
    SSL_CTX_free(client_side);
    return 0;
}
