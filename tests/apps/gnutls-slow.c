/* GnuTLS over a slow connection: see slow-pair.h. */
#include "slow-pair.h"

#include "gnutls-pair.h"

static gnutls_session_t open_session(unsigned flags, int fd)
{
    gnutls_session_t session;
    gnutls_init(&session, flags);
    gnutls_priority_set_direct(session, pair_tls13, NULL);
    if (flags & GNUTLS_CLIENT)
        gnutls_credentials_set(session, GNUTLS_CRD_PSK, pair_client_keys);
    else
        gnutls_credentials_set(session, GNUTLS_CRD_PSK, pair_server_keys);
    gnutls_transport_set_int(session, fd);
    return session;
}

static void *serve(void *arg)
{
    struct slow *s = arg;
    gnutls_session_t session = open_session(GNUTLS_SERVER, s->server);
    char buf[700];
    ssize_t n = gnutls_handshake(session);
    if (n != 0)
        die("no session", (int)n);
    while ((n = gnutls_record_recv(session, buf, sizeof buf)) > 0)
        slow_seen(s, buf, (size_t)n);
    gnutls_deinit(session);
    return NULL;
}

/* In turns by the same bytes again and by none. */
static void put(struct slow *s, gnutls_session_t session, const char *data, size_t len)
{
    ssize_t n = gnutls_record_send(session, data, len);
    while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED) {
        bool again = s->waited % 2;
        slow_wait(s);
        n = gnutls_record_send(session, again ? data : NULL, again ? len : 0);
    }
    if (n != (ssize_t)len)
        die("a send failed", n < 0 ? (int)n : 0);
}

int main(int argc, char **argv)
{
    static char call[SLOW_CALL];
    struct slow s;
    pthread_t thread;
    unsigned long calls = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    slow_open(&s, argc == 3 && strcmp(argv[1], "waiting") == 0);
    pair_start();
    gnutls_session_t session = open_session(GNUTLS_CLIENT, s.client);
    pthread_create(&thread, NULL, serve, &s);
    int error = gnutls_handshake(session);
    if (error)
        die("no session", error);
    if (s.waits)
        fcntl(s.client, F_SETFL, O_NONBLOCK);
    for (unsigned long i = 0; i < calls; i++)
        put(&s, session, call, slow_call(call, i, ""));
    fcntl(s.client, F_SETFL, 0);
    gnutls_bye(session, GNUTLS_SHUT_WR);
    pthread_join(thread, NULL);
    slow_judge(&s, calls);
    gnutls_deinit(session);
    pair_stop();
    free(s.seen);
    return 0;
}
