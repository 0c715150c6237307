/* Sessions of OpenSSL in many threads, over sockets: every request has its baggage line once.
 *
 *     ssl-threads own|handed|halves|dark|locked THREADS REQUESTS
 *
 * `own`: a thread a session. `handed`: the session goes to another thread in the middle of a
 * request. `halves`: one thread writes and another one reads the same session at that time, without
 * a lock, which is wrong, and done. `dark`: so, and what goes out is no request in the end.
 * `locked`: all threads write into one session, with a lock. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ssl-pair.h"

static const char head[] = "POST /p HTTP/1.1\r\nHost: a.test\r\n";
static const char rest[] = "Content-Length: 5\r\n\r\nhello";
static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
static SSL_CTX *client_ctx, *server_ctx;
static atomic_ulong heads, lines;
static unsigned long requests;

struct talk {
    SSL *client, *server;
    int fd[2];
    pthread_t thread, other;
};

static unsigned long count(const char *text, const char *what)
{
    unsigned long n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

/* Answers each request, until its client is gone. */
static void *serve(void *arg)
{
    struct talk *t = arg;
    static _Thread_local char seen[1 << 20];
    size_t len = 0, answered = 0;
    int n;
    if (SSL_accept(t->server) != 1)
        die("no session");
    while ((n = SSL_read(t->server, seen + len, (int)(sizeof seen - 1 - len))) > 0) {
        seen[len += (size_t)n] = '\0';
        for (size_t whole = count(seen, "\r\n\r\nhello"); answered < whole; answered++)
            SSL_write(t->server, answer, sizeof answer - 1);
    }
    heads += count(seen, "POST /p HTTP/1.1\r\n");
    lines += count(seen, "\r\nbaggage: ");
    return NULL;
}

static void put(SSL *ssl, const char *text)
{
    if (SSL_write(ssl, text, (int)strlen(text)) != (int)strlen(text))
        die("a write failed");
}

static void hear(SSL *ssl, unsigned long answers)
{
    char buf[sizeof answer];
    for (size_t got = 0; got < answers * (sizeof answer - 1);) {
        size_t left = answers * (sizeof answer - 1) - got;
        int n = SSL_read(ssl, buf, (int)(left < sizeof buf ? left : sizeof buf));
        if (n <= 0)
            die("a read failed");
        got += (size_t)n;
    }
}

static void talk_open(struct talk *t)
{
    *t = (struct talk){ .client = SSL_new(client_ctx), .server = SSL_new(server_ctx) };
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, t->fd) != 0)
        die("no sockets");
    SSL_set_fd(t->client, t->fd[0]);
    SSL_set_fd(t->server, t->fd[1]);
    pthread_create(&t->thread, NULL, serve, t);
    if (SSL_connect(t->client) != 1)
        die("no session");
}

static void talk_close(struct talk *t)
{
    SSL_shutdown(t->client);
    shutdown(t->fd[0], SHUT_RDWR);
    pthread_join(t->thread, NULL);
    SSL_free(t->client);
    SSL_free(t->server);
    close(t->fd[0]);
    close(t->fd[1]);
}

static void *own(void *arg)
{
    struct talk t;
    (void)arg;
    for (unsigned long done = 0; done < requests; done += 10) {
        talk_open(&t);
        for (int i = 0; i < 10; i++) {
            put(t.client, head);
            put(t.client, rest);
            hear(t.client, 1);
        }
        talk_close(&t);
    }
    return NULL;
}

static void *second_half(void *ssl)
{
    put(ssl, rest);
    hear(ssl, 1);
    return NULL;
}

static void *handed(void *arg)
{
    struct talk t;
    (void)arg;
    talk_open(&t);
    for (unsigned long i = 0; i < requests; i++) {
        put(t.client, head);
        pthread_create(&t.other, NULL, second_half, t.client);
        pthread_join(t.other, NULL);
    }
    talk_close(&t);
    return NULL;
}

static void *hear_all(void *ssl)
{
    hear(ssl, requests);
    return NULL;
}

static void *halves(void *arg)
{
    struct talk t;
    (void)arg;
    talk_open(&t);
    pthread_create(&t.other, NULL, hear_all, t.client);
    for (unsigned long i = 0; i < requests; i++) {
        put(t.client, head);
        put(t.client, rest);
    }
    pthread_join(t.other, NULL);
    talk_close(&t);
    return NULL;
}

static void *dark(void *arg)
{
    struct talk t;
    (void)arg;
    talk_open(&t);
    pthread_create(&t.other, NULL, hear_all, t.client);
    for (unsigned long i = 0; i < requests; i++) {
        if (i == requests / 2)
            put(t.client, "no request\r\n");
        put(t.client, head);
        put(t.client, rest);
    }
    pthread_join(t.other, NULL);
    talk_close(&t);
    return NULL;
}

static struct talk shared;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *locked(void *arg)
{
    (void)arg;
    for (unsigned long i = 0; i < requests; i++) {
        pthread_mutex_lock(&lock);
        put(shared.client, head);
        put(shared.client, rest);
        hear(shared.client, 1);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void *(*run)(void *);
    } all[] = { { "own", own },
                { "handed", handed },
                { "halves", halves },
                { "dark", dark },
                { "locked", locked } };
    pthread_t threads[64];
    size_t mode = 0, n = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    while (n && mode < 5 && strcmp(argv[1], all[mode].name) != 0)
        mode++;
    if (!n || n > 64 || mode == 5)
        return 2;
    requests = strtoul(argv[3], NULL, 10);
    server_ctx = shared_context(TLS_server_method(), 0);
    client_ctx = shared_context(TLS_client_method(), 0);
    if (all[mode].run == locked)
        talk_open(&shared);
    for (size_t i = 0; i < n; i++)
        pthread_create(&threads[i], NULL, all[mode].run, NULL);
    for (size_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    if (all[mode].run == locked)
        talk_close(&shared);
    printf("%lu requests, %lu baggage lines\n", heads, lines);
    return 0;
}
