/* OpenSSL over a slow connection: see slow-pair.h. */
#include "slow-pair.h"

#include "ssl-pair.h"

static SSL_CTX *client_ctx, *server_ctx;

static void *serve(void *arg)
{
    struct slow *s = arg;
    SSL *ssl = SSL_new(server_ctx);
    char buf[700];
    int n;
    SSL_set_fd(ssl, s->server);
    if (SSL_accept(ssl) != 1)
        die("no session");
    while ((n = SSL_read(ssl, buf, sizeof buf)) > 0)
        slow_seen(s, buf, (size_t)n);
    SSL_free(ssl);
    return NULL;
}

static void put(struct slow *s, SSL *ssl, const char *data, size_t len)
{
    int n;
    while ((n = SSL_write(ssl, data, (int)len)) <= 0) {
        if (!s->waits || SSL_get_error(ssl, n) != SSL_ERROR_WANT_WRITE)
            die("a write failed");
        slow_wait(s);
    }
    if ((size_t)n != len)
        die("a part was written");
}

int main(int argc, char **argv)
{
    static char call[SLOW_CALL];
    struct slow s;
    pthread_t thread;
    unsigned long calls = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    slow_open(&s, argc == 3 && strcmp(argv[1], "waiting") == 0);
    server_ctx = shared_context(TLS_server_method(), 0);
    client_ctx = shared_context(TLS_client_method(), 0);
    SSL *ssl = SSL_new(client_ctx);
    SSL_set_fd(ssl, s.client);
    pthread_create(&thread, NULL, serve, &s);
    if (SSL_connect(ssl) != 1)
        die("no session");
    if (s.waits)
        fcntl(s.client, F_SETFL, O_NONBLOCK);
    for (unsigned long i = 0; i < calls; i++)
        put(&s, ssl, call, slow_call(call, i, ""));
    fcntl(s.client, F_SETFL, 0);
    SSL_shutdown(ssl);
    pthread_join(thread, NULL);
    slow_judge(&s, calls);
    SSL_free(ssl);
    free(s.seen);
    return 0;
}
