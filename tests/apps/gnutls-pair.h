/* A TLS client and a TLS server of GnuTLS in one thread, joined by pipes in memory. The client's
 * writes are refused as the test wants. */
#ifndef BELLHOP_TESTS_GNUTLS_PAIR_H
#define BELLHOP_TESTS_GNUTLS_PAIR_H

#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char pair_tls13[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+PSK:%DISABLE_TLS13_COMPAT_MODE";
static const char pair_tls12[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+PSK:-CIPHER-ALL:+AES-128-CBC";

/* One direction of the wire. */
struct pipe {
    char *at;
    size_t len, room, taken;
};

struct pair {
    gnutls_session_t client, server;
    struct pipe up, down;
    struct pipe got; /* what the server read */
    /* How many bytes of a write by the client are taken; -1: none, and errno. NULL: as follows */
    ssize_t (*accept)(void *arg, size_t len);
    void *arg;
    int push_error;    /* every write fails with it */
    size_t push_limit; /* so many bytes, then EAGAIN; 0: any number */
};

static inline void die(const char *why, int code)
{
    fprintf(stderr, "%s: %s\n", why, gnutls_strerror(code));
    exit(2);
}

static inline void pipe_put(struct pipe *p, const void *data, size_t len)
{
    while (p->len + len > p->room) {
        p->room = p->room * 2 + 4096;
        p->at = realloc(p->at, p->room);
    }
    memcpy(p->at + p->len, data, len);
    p->len += len;
}

static inline ssize_t pipe_take(struct pipe *p, gnutls_session_t session, void *data, size_t len)
{
    size_t n = p->len - p->taken;
    if (n == 0) {
        gnutls_transport_set_errno(session, EAGAIN);
        return -1;
    }
    n = n < len ? n : len;
    memcpy(data, p->at + p->taken, n);
    p->taken += n;
    if (p->taken == p->len)
        p->taken = p->len = 0;
    return (ssize_t)n;
}

static inline ssize_t pair_accept(struct pair *p, size_t len)
{
    if (p->accept)
        return p->accept(p->arg, len);
    if (!p->push_error && !p->push_limit)
        return (ssize_t)len;
    size_t room = p->push_limit > p->up.len ? p->push_limit - p->up.len : 0;
    errno = p->push_error ? p->push_error : EAGAIN;
    return p->push_error || !room ? -1 : (ssize_t)(len < room ? len : room);
}

static inline ssize_t pair_client_push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
    struct pair *p = ptr;
    ssize_t n = pair_accept(p, len);
    if (n < 0)
        gnutls_transport_set_errno(p->client, errno);
    else
        pipe_put(&p->up, data, (size_t)n);
    return n;
}

static inline ssize_t pair_client_pull(gnutls_transport_ptr_t ptr, void *data, size_t len)
{
    struct pair *p = ptr;
    return pipe_take(&p->down, p->client, data, len);
}

static inline ssize_t pair_server_push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
    struct pair *p = ptr;
    pipe_put(&p->down, data, len);
    return (ssize_t)len;
}

static inline ssize_t pair_server_pull(gnutls_transport_ptr_t ptr, void *data, size_t len)
{
    struct pair *p = ptr;
    return pipe_take(&p->up, p->server, data, len);
}

static inline int pair_no_wait(gnutls_transport_ptr_t ptr, unsigned ms)
{
    (void)ptr, (void)ms;
    return 1;
}

static gnutls_psk_client_credentials_t pair_client_keys;
static gnutls_psk_server_credentials_t pair_server_keys;
static unsigned char pair_secret[16] = "sixteen bytes..";

static inline int pair_key(gnutls_session_t session, const char *user, gnutls_datum_t *key)
{
    (void)session, (void)user;
    key->data = gnutls_malloc(sizeof pair_secret);
    key->size = sizeof pair_secret;
    memcpy(key->data, pair_secret, sizeof pair_secret);
    return 0;
}

static inline void pair_start(void)
{
    const gnutls_datum_t key = { pair_secret, sizeof pair_secret };
    gnutls_psk_allocate_client_credentials(&pair_client_keys);
    gnutls_psk_allocate_server_credentials(&pair_server_keys);
    gnutls_psk_set_client_credentials(pair_client_keys, "user", &key, GNUTLS_PSK_KEY_RAW);
    gnutls_psk_set_server_credentials_function(pair_server_keys, pair_key);
}

static inline void pair_stop(void)
{
    gnutls_psk_free_client_credentials(pair_client_keys);
    gnutls_psk_free_server_credentials(pair_server_keys);
}

static inline void pair_shake(struct pair *p)
{
    int a = GNUTLS_E_AGAIN, b = GNUTLS_E_AGAIN;
    for (int i = 0; i < 100000 && (a != 0 || b != 0); i++) {
        if (a != 0)
            a = gnutls_handshake(p->client);
        if (b != 0)
            b = gnutls_handshake(p->server);
        if ((a < 0 && gnutls_error_is_fatal(a)) || (b < 0 && gnutls_error_is_fatal(b)))
            die("no handshake", gnutls_error_is_fatal(a) ? a : b);
    }
    if (a || b)
        die("no end of the handshake", a);
}

/* `blocking`: the client is told that its transport blocks, so that it may send ranges. `flags`:
 * for both. */
static inline void pair_make(struct pair *p, const char *priority, int blocking, unsigned flags)
{
    *p = (struct pair){ 0 };
    gnutls_init(&p->client, flags | (blocking ? GNUTLS_CLIENT : GNUTLS_CLIENT | GNUTLS_NONBLOCK));
    gnutls_init(&p->server, flags | GNUTLS_SERVER | GNUTLS_NONBLOCK);
    gnutls_priority_set_direct(p->client, priority, NULL);
    gnutls_priority_set_direct(p->server, priority, NULL);
    gnutls_credentials_set(p->client, GNUTLS_CRD_PSK, pair_client_keys);
    gnutls_credentials_set(p->server, GNUTLS_CRD_PSK, pair_server_keys);
    gnutls_session_t both[] = { p->client, p->server };
    for (int i = 0; i < 2; i++) {
        gnutls_transport_set_ptr(both[i], p);
        gnutls_transport_set_push_function(both[i], i ? pair_server_push : pair_client_push);
        gnutls_transport_set_pull_function(both[i], i ? pair_server_pull : pair_client_pull);
        gnutls_transport_set_pull_timeout_function(both[i], pair_no_wait);
    }
}

static inline void pair_open(struct pair *p, const char *priority, int blocking)
{
    pair_make(p, priority, blocking, 0);
    pair_shake(p);
}

/* The server takes what has come. */
static inline void pair_pump(struct pair *p)
{
    char buf[16384];
    for (;;) {
        ssize_t n = gnutls_record_recv(p->server, buf, sizeof buf);
        if (n == GNUTLS_E_INTERRUPTED)
            continue;
        if (n <= 0)
            break;
        pipe_put(&p->got, buf, (size_t)n);
    }
}

static inline unsigned pair_count(const struct pair *p, const char *text)
{
    unsigned count = 0;
    const char *at = p->got.at;
    while (at && (at = memmem(at, p->got.len - (size_t)(at - p->got.at), text, strlen(text)))) {
        count++;
        at++;
    }
    return count;
}

static inline void pair_close(struct pair *p)
{
    gnutls_deinit(p->client);
    gnutls_deinit(p->server);
    free(p->up.at);
    free(p->down.at);
    free(p->got.at);
}

#endif
