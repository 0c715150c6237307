/* A server of OpenSSL in many threads, and clients that keep their connections: ssl-serve THREADS
 * CONNECTIONS REQUESTS. Each request causes a call, of which the server says how many had its
 * baggage. */
#include "ssl-pair.h"

#include <signal.h>

#include "inbound-goes.h"

static unsigned threads, connections, requests;
static SSL_CTX *server, *client_side;

static int next_id(void)
{
    static atomic_int ids;
    return atomic_fetch_add(&ids, 1);
}

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

static void *serves(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < connections; i++)
        serves_one(accepted());
    return NULL;
}

static void *asks_all(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < connections; i++)
        asks_one(client());
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread[2 * 64];
    must(argc >= 4, "arguments");
    threads = (unsigned)atoi(argv[1]);
    connections = (unsigned)atoi(argv[2]);
    requests = (unsigned)atoi(argv[3]);
    must(threads > 0 && threads <= 64, "threads");
    signal(SIGPIPE, SIG_IGN);
    server = server_context();
    client_side = SSL_CTX_new(TLS_client_method());
    ours = listening(&at[0]);
    theirs = listening(&at[1]);
    for (unsigned i = 0; i < threads; i++)
        must(pthread_create(&thread[2 * i], NULL, serves, NULL) == 0 &&
                 pthread_create(&thread[2 * i + 1], NULL, asks_all, NULL) == 0,
             "threads");
    for (unsigned i = 0; i < 2 * threads; i++)
        pthread_join(thread[i], NULL);
    printf("%u with their own baggage, %u without\n", with, without);
    SSL_CTX_free(server);
    SSL_CTX_free(client_side);
    return 0;
}
