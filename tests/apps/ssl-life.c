/* Lives of OpenSSL sessions: `ssl-life SCENARIO` says what the other side read. */
#include <malloc.h>

#include "ssl-pair.h"

static const char get[] = "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n";
static const char half[] =
    "POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 90\r\n\r\nhalf of it";
static SSL_CTX *client, *server;

static void say(const char *what, SSL *into, struct pair *p, const char *data)
{
    if (data && SSL_write(into, data, (int)strlen(data)) != (int)strlen(data))
        die("a write failed");
    pair_pump(p);
    printf("%s: %zu bytes, %s\n", what, p->len,
           p->got && memmem(p->got, p->len, "\r\nbaggage: ", 11) ? "with baggage" : "without");
    p->len = 0;
}

/* The session is made and freed by its BIO, and the next one stands at its address. */
static void reuse(void)
{
    const SSL *last = NULL;
    int again = 0;
    for (int i = 0; i < 20; i++) {
        struct pair p = { .server = SSL_new(server) };
        BIO *top = BIO_new_ssl(client, 1);
        BIO_get_ssl(top, &p.client);
        again += p.client == last;
        last = p.client;
        pair_pipe(&p, 20000);
        pair_shake(&p);
        say("new", p.client, &p, i % 2 ? get : half);
        BIO_free_all(top);
        SSL_free(p.server);
        free(p.got);
    }
    fprintf(stderr, "%d at the same address\n", again);
}

static void cleared(void)
{
    struct pair p;
    pair_open(&p, client, server, 20000);
    pair_shake(&p);
    say("first", p.client, &p, half);
    SSL_clear(p.client);
    SSL_clear(p.server);
    pair_pipe(&p, 20000);
    pair_shake(&p);
    say("cleared", p.client, &p, get);
    pair_close(&p);
}

/* Without SSL_clear: another connection is another stream all the same. */
static void connected_again(void)
{
    struct pair p;
    pair_open(&p, client, server, 20000);
    pair_shake(&p);
    say("first", p.client, &p, half);
    SSL_clear(p.server);
    pair_pipe(&p, 20000);
    pair_shake(&p);
    say("again", p.client, &p, get);
    pair_close(&p);
}

/* What is in the buffer begins its stream before the flush shakes hands. */
static void flushed(void)
{
    struct pair p;
    pair_open(&p, client, server, 20000);
    BIO *top = BIO_push(BIO_new(BIO_f_buffer()), BIO_new(BIO_f_ssl()));
    BIO_set_ssl(BIO_next(top), p.client, BIO_NOCLOSE);
    if (BIO_puts(top, half) != (int)strlen(half))
        die("a write failed");
    while (BIO_flush(top) != 1)
        pair_pump(&p);
    say("flushed", p.client, &p, NULL);
    if (BIO_puts(top, get) != (int)strlen(get) || BIO_flush(top) != 1)
        die("a write failed");
    say("in the body", p.client, &p, NULL);
    BIO_free_all(top);
    pair_close(&p);
}

static void referred(void)
{
    struct pair p;
    pair_open(&p, client, server, 20000);
    pair_shake(&p);
    SSL_up_ref(p.client);
    say("first", p.client, &p, half);
    SSL_free(p.client);
    say("in the body", p.client, &p, get);
    pair_close(&p);
}

static void duplicated(void)
{
    struct pair p, q;
    pair_open(&p, client, server, 20000);
    SSL *copy = SSL_dup(p.client);
    pair_shake(&p);
    say("first", p.client, &p, half);
    q = (struct pair){ .client = copy, .server = SSL_new(server) };
    SSL_set_bio(copy, NULL, NULL);
    pair_pipe(&q, 20000);
    pair_shake(&q);
    say("copy", q.client, &q, get);
    pair_close(&p);
    pair_close(&q);
}

static void answers(void)
{
    struct pair p;
    char buf[200];
    pair_open(&p, client, server, 20000);
    pair_shake(&p);
    SSL_write(p.server, get, sizeof get - 1);
    int n = SSL_read(p.client, buf, sizeof buf);
    printf("server: %d bytes, %s\n", n, n == sizeof get - 1 ? "as they were" : "changed");
    pair_close(&p);
}

/* Another session beneath the first one's, as through a proxy. */
static void tunnel(void)
{
    struct pair p;
    pair_open(&p, client, server, 20000);
    pair_shake(&p);
    say("tunnel", p.client, &p, "CONNECT b.test:443 HTTP/1.1\r\nHost: b.test:443\r\n\r\n");
    SSL_write(p.server, "HTTP/1.1 200 OK\r\n\r\n", 19);
    char buf[100];
    SSL_read(p.client, buf, sizeof buf);
    struct pair q;
    pair_open(&q, client, server, 20000);
    pair_shake(&q);
    say("inside", q.client, &q, get);
    say("raw", p.client, &p, get);
    pair_close(&q);
    pair_close(&p);
}

static void memory(void)
{
    size_t before = 0;
    for (int i = 0; i < 1500; i++) {
        struct pair p;
        pair_open(&p, client, server, 20000);
        pair_shake(&p);
        SSL_write(p.client, i % 2 ? get : half, (int)strlen(i % 2 ? get : half));
        pair_close(&p);
        if (i == 300)
            before = mallinfo2().uordblks;
    }
    size_t after = mallinfo2().uordblks;
    printf("%s\n", after <= before + 200000 ? "flat" : "grown");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } all[] = { { "reuse", reuse },       { "cleared", cleared },
                { "referred", referred }, { "duplicated", duplicated },
                { "answers", answers },   { "tunnel", tunnel },
                { "memory", memory },     { "again", connected_again },
                { "flushed", flushed } };
    server = server_context();
    client = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_session_cache_mode(server, SSL_SESS_CACHE_OFF);
    for (size_t i = 0; argc == 2 && i < sizeof all / sizeof *all; i++)
        if (strcmp(argv[1], all[i].name) == 0) {
            all[i].run();
            SSL_CTX_free(client);
            SSL_CTX_free(server);
            return 0;
        }
    return 2;
}
