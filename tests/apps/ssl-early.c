/* Requests as early data: `ssl-early SCENARIO` says what each call returned and what the server
 * read. */
#include "ssl-pair.h"

static const char get[] = "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n";
static SSL_CTX *client, *server;
static SSL_SESSION *session;

static void say(const char *what, struct pair *p)
{
    pair_pump(p);
    printf("%s:\n%.*s--\n", what, (int)p->len, p->got ? p->got : "");
    p->len = 0;
}

/* A session that the next connection goes on with. */
static void meet(void)
{
    struct pair p;
    char buf[10];
    pair_open(&p, client, server, 20000);
    pair_shake(&p);
    if (SSL_write(p.server, "ticket", 6) != 6 || SSL_read(p.client, buf, sizeof buf) != 6)
        die("no ticket");
    session = SSL_get1_session(p.client);
    SSL_shutdown(p.client);
    pair_close(&p);
}

static void take_early(struct pair *p)
{
    char buf[4096];
    size_t n = 0;
    int state = SSL_read_early_data(p->server, buf, sizeof buf, &n);
    while (state == SSL_READ_EARLY_DATA_SUCCESS) {
        p->got = realloc(p->got, p->len + n + 1);
        memcpy(p->got + p->len, buf, n);
        p->len += n;
        p->room = p->len + 1;
        state = SSL_read_early_data(p->server, buf, sizeof buf, &n);
    }
    ERR_clear_error();
}

/* Tried until it is taken. */
static void put_early(struct pair *p, const char *data, size_t len)
{
    size_t n = 0;
    int refused = 0;
    while (!SSL_write_early_data(p->client, data, len, &n)) {
        int error = SSL_get_error(p->client, 0);
        if (error != SSL_ERROR_WANT_WRITE && error != SSL_ERROR_WANT_READ) {
            printf("early: error %d\n", error);
            return;
        }
        refused++;
        take_early(p);
    }
    printf("early: %zu%s\n", n, refused ? ", refused before" : "");
}

static void put(struct pair *p, const char *data, size_t len)
{
    printf("late: %d\n", SSL_write(p->client, data, (int)len));
}

static void shake(struct pair *p)
{
    take_early(p);
    pair_shake(p);
    printf("early data was %s\n", SSL_get_early_data_status(p->client) == SSL_EARLY_DATA_ACCEPTED
                                      ? "accepted"
                                      : "not accepted");
}

int main(int argc, char **argv)
{
    struct pair p;
    const char *what = argc > 1 ? argv[1] : "";
    server = server_context();
    client = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_session_cache_mode(client, SSL_SESS_CACHE_CLIENT);
    SSL_CTX_set_max_early_data(server, strcmp(what, "limited") == 0 ? sizeof get - 1 : 16384);
    SSL_CTX_set_options(server, SSL_OP_NO_ANTI_REPLAY);
    meet();
    SSL_CTX *other = strcmp(what, "rejected") == 0 ? server_context() : NULL;
    pair_open(&p, client, other ? other : server, strcmp(what, "refused") == 0 ? 100 : 20000);
    SSL_set_session(p.client, session);
    if (strcmp(what, "pieces") == 0) {
        put_early(&p, get, 10);
        put_early(&p, get + 10, sizeof get - 13);
        put_early(&p, get + sizeof get - 3, 2);
    } else if (strcmp(what, "half") == 0) {
        put_early(&p, get, 20);
    } else {
        put_early(&p, get, sizeof get - 1);
    }
    shake(&p);
    say("while it shook hands", &p);
    if (strcmp(what, "half") == 0)
        put(&p, get + 20, sizeof get - 21);
    put(&p, get, sizeof get - 1);
    say("then", &p);
    pair_close(&p);
    SSL_SESSION_free(session);
    SSL_CTX_free(client);
    SSL_CTX_free(server);
    SSL_CTX_free(other);
    return 0;
}
