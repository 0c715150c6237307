/* One thread sends and another one receives on the same session at that time, as GnuTLS allows:
 *
 *     gnutls-threads SESSIONS REQUESTS
 *
 * Half-way what goes out stops being requests. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gnutls-pair.h"

static const char request[] = "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n";
static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
static atomic_ulong lines;
static unsigned long requests;

struct talk {
    gnutls_session_t session[2]; /* client, server */
    int fd[2];
    pthread_t sends, receives, serves;
};

static void put(gnutls_session_t session, const char *text, size_t len)
{
    ssize_t n = gnutls_record_send(session, text, len);
    if (n != (ssize_t)len)
        die("a send failed", n < 0 ? (int)n : 0);
}

static void *serve(void *arg)
{
    struct talk *t = arg;
    char buf[2000];
    int error = gnutls_handshake(t->session[1]);
    if (error)
        die("no session", error);
    for (unsigned long i = 0; i <= requests; i++) { /* a call of the client's is a record */
        ssize_t n = gnutls_record_recv(t->session[1], buf, sizeof buf);
        if (n <= 0)
            die("a call did not arrive", (int)n);
        lines += memmem(buf, (size_t)n, "\r\nbaggage: ", 11) != NULL;
        put(t->session[1], answer, sizeof answer - 1);
    }
    return NULL;
}

static void *receive(void *arg)
{
    struct talk *t = arg;
    char buf[sizeof answer];
    for (unsigned long i = 0; i <= requests; i++)
        if (gnutls_record_recv(t->session[0], buf, sizeof buf) != (ssize_t)sizeof answer - 1)
            die("no answer", 0);
    return NULL;
}

static void *send_all(void *arg)
{
    struct talk *t = arg;
    int error = gnutls_handshake(t->session[0]);
    if (error)
        die("no session", error);
    pthread_create(&t->receives, NULL, receive, t);
    for (unsigned long i = 0; i < requests; i++) {
        if (i == requests / 2)
            put(t->session[0], "no request\r\n", 12);
        put(t->session[0], request, sizeof request - 1);
    }
    pthread_join(t->receives, NULL);
    return NULL;
}

static void talk_open(struct talk *t)
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, t->fd) != 0)
        exit(2);
    for (int i = 0; i < 2; i++) {
        gnutls_init(&t->session[i], i ? GNUTLS_SERVER : GNUTLS_CLIENT);
        gnutls_priority_set_direct(t->session[i], pair_tls13, NULL);
        gnutls_transport_set_int(t->session[i], t->fd[i]);
    }
    gnutls_credentials_set(t->session[0], GNUTLS_CRD_PSK, pair_client_keys);
    gnutls_credentials_set(t->session[1], GNUTLS_CRD_PSK, pair_server_keys);
    pthread_create(&t->serves, NULL, serve, t);
    pthread_create(&t->sends, NULL, send_all, t);
}

static void talk_close(struct talk *t)
{
    pthread_join(t->sends, NULL);
    pthread_join(t->serves, NULL);
    for (int i = 0; i < 2; i++) {
        gnutls_deinit(t->session[i]);
        close(t->fd[i]);
    }
}

int main(int argc, char **argv)
{
    static struct talk talk[64];
    unsigned long sessions = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    if (sessions == 0 || sessions > 64)
        return 2;
    requests = strtoul(argv[2], NULL, 10);
    pair_start();
    for (unsigned long i = 0; i < sessions; i++)
        talk_open(&talk[i]);
    for (unsigned long i = 0; i < sessions; i++)
        talk_close(&talk[i]);
    pair_stop();
    printf("%lu baggage lines\n", lines);
    return 0;
}
