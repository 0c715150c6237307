/* A server of GnuTLS in many threads, and clients that keep their connections: gnutls-serve THREADS
 * CONNECTIONS REQUESTS [file]. Each request causes a call, of which the server says how many had
 * its baggage. */
#include "gnutls-pair.h"

#include "tls-serve.h"

static bool from_file; /* bodies are sent from a file */

static gnutls_session_t shaken(int fd, unsigned flags)
{
    gnutls_session_t session;
    int result;
    gnutls_init(&session, flags);
    gnutls_priority_set_direct(session, pair_tls13, NULL);
    if (flags == GNUTLS_SERVER)
        gnutls_credentials_set(session, GNUTLS_CRD_PSK, pair_server_keys);
    else
        gnutls_credentials_set(session, GNUTLS_CRD_PSK, pair_client_keys);
    gnutls_transport_set_int(session, fd);
    do
        result = gnutls_handshake(session);
    while (result < 0 && !gnutls_error_is_fatal(result));
    if (result < 0)
        die("no handshake", result);
    return session;
}

/* As a whole, corked, or with the body from a file. */
static void answers_by(gnutls_session_t session, unsigned turn)
{
    const size_t head = sizeof ANSWER - 1 - 2;
    if (from_file) {
        off_t from = 0;
        int body = memfd_create("body", 0);
        must(pwrite(body, "ok", 2, 0) == 2, "body");
        must(gnutls_record_send(session, ANSWER, head) == (ssize_t)head, "head");
        must(gnutls_record_send_file(session, body, &from, 2) == 2, "file");
        close(body);
    } else if (turn % 2) {
        must(gnutls_record_send(session, ANSWER, head + 2) == (ssize_t)head + 2, "answer");
    } else {
        gnutls_record_cork(session);
        must(gnutls_record_send(session, ANSWER, head) == (ssize_t)head, "head");
        must(gnutls_record_send(session, &ANSWER[head], 2) == 2, "body");
        must(gnutls_record_uncork(session, GNUTLS_RECORD_WAIT) >= 0, "uncork");
    }
}

static void serves_one(int fd)
{
    char text[1024];
    size_t len = 0;
    gnutls_session_t session = shaken(fd, GNUTLS_SERVER);
    for (unsigned turn = 0;;) {
        ssize_t n = gnutls_record_recv(session, text + len, 100);
        if (n == GNUTLS_E_INTERRUPTED || n == GNUTLS_E_AGAIN)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
        text[len] = '\0';
        if (!strstr(text, "\r\n\r\n"))
            continue;
        len = 0;
        goes_on(atoi(strstr(text, "k=") + 2));
        answers_by(session, turn++);
        goes_on(-1);
    }
    gnutls_deinit(session);
    close(fd);
}

static void asks_one(int fd)
{
    char text[1024];
    gnutls_session_t session = shaken(fd, GNUTLS_CLIENT);
    for (unsigned i = 0; i < requests; i++) {
        ssize_t n = snprintf(text, sizeof text,
                             "GET / HTTP/1.1\r\nbaggage: k=%d,pad=%0200d\r\n\r\n", next_id(), 0);
        must(gnutls_record_send(session, text, (size_t)n) == n, "ask");
        for (size_t len = 0; len<sizeof ANSWER - 1; len += n> 0 ? (size_t)n : 0) {
            n = gnutls_record_recv(session, text, sizeof ANSWER - 1 - len);
            must(n > 0 || n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED, "hear");
        }
    }
    gnutls_deinit(session);
    syscall(SYS_close, fd);
}

int main(int argc, char **argv)
{
    serve_arguments(argc, argv);
    pair_start();
    from_file = argc > 4;
    serve_all();
    pair_stop();
    return 0;
}
