/* Writes every stream of a corpus (tests/lib/adversary.py) into GnuTLS, cut in every way, by every
 * function that writes, over a wire that refuses at random:
 *
 *     gnutls-adversary CORPUS STEP SEEDS */
#include <errno.h>
#include <gnutls/gnutls.h>

#include "adversary-corpus.h"

enum how { SEND, SEND2, RANGE, CORK, HOWS };

static const char *const names[HOWS] = { "send", "send2", "send_range", "cork" };
static const char tls13[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+ECDHE-PSK:+PSK";
static const char tls12[] = "NORMAL:-VERS-ALL:+VERS-TLS1.2:+ECDHE-PSK:+PSK";

static unsigned long long passes, refused;

/* One direction of the wire. */
struct pipe {
    char *at;
    size_t len, room, taken;
};

struct writer {
    const struct strand *of;
    gnutls_session_t client, server;
    struct pipe up, down;
    enum how how;
    unsigned refuse; /* of 8 pushes */
    uint64_t random;
    size_t own, answered;
    struct pipe got; /* what the server read */
};

static void die(const char *why, int code)
{
    fprintf(stderr, "%s: %s\n", why, gnutls_strerror(code));
    exit(2);
}

static void put(struct pipe *p, const void *data, size_t len)
{
    while (p->len + len > p->room) {
        p->room = p->room * 2 + 4096;
        p->at = realloc(p->at, p->room);
    }
    memcpy(p->at + p->len, data, len);
    p->len += len;
}

static ssize_t take(struct pipe *p, gnutls_session_t session, void *data, size_t len)
{
    size_t n = p->len - p->taken;
    if (n == 0) {
        gnutls_transport_set_errno(session, EAGAIN);
        return -1;
    }
    n = n < len ? n : len;
    memcpy(data, p->at + p->taken, n);
    p->taken += n;
    return (ssize_t)n;
}

static ssize_t client_push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
    struct writer *w = ptr;
    if (random_below(&w->random, 8) < w->refuse) {
        gnutls_transport_set_errno(w->client, random_below(&w->random, 4) ? EAGAIN : EINTR);
        return -1;
    }
    if (w->refuse)
        len = 1 + random_below(&w->random, len);
    put(&w->up, data, len);
    return (ssize_t)len;
}

static ssize_t client_pull(gnutls_transport_ptr_t ptr, void *data, size_t len)
{
    struct writer *w = ptr;
    return take(&w->down, w->client, data, len);
}

static ssize_t server_push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
    struct writer *w = ptr;
    put(&w->down, data, len);
    return (ssize_t)len;
}

static ssize_t server_pull(gnutls_transport_ptr_t ptr, void *data, size_t len)
{
    struct writer *w = ptr;
    return take(&w->up, w->server, data, len);
}

static int no_wait(gnutls_transport_ptr_t ptr, unsigned ms)
{
    (void)ptr, (void)ms;
    return 1;
}

static gnutls_psk_client_credentials_t client_keys;
static gnutls_psk_server_credentials_t server_keys;
static unsigned char secret[16] = "sixteen bytes..";

static int key_of(gnutls_session_t session, const char *user, gnutls_datum_t *key)
{
    (void)session, (void)user;
    key->data = gnutls_malloc(sizeof secret);
    key->size = sizeof secret;
    memcpy(key->data, secret, sizeof secret);
    return 0;
}

static void shake(struct writer *w)
{
    int a = GNUTLS_E_AGAIN, b = GNUTLS_E_AGAIN;
    for (int i = 0; i < 100000 && (a != 0 || b != 0); i++) {
        if (a != 0)
            a = gnutls_handshake(w->client);
        if (b != 0)
            b = gnutls_handshake(w->server);
        if ((a < 0 && gnutls_error_is_fatal(a)) || (b < 0 && gnutls_error_is_fatal(b)))
            die("no handshake", gnutls_error_is_fatal(a) ? a : b);
    }
    if (a || b)
        die("no end of the handshake", a);
}

static void writer_open(struct writer *w)
{
    const char *priority = random_below(&w->random, 2) ? tls13 : tls12;
    gnutls_init(&w->client, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
    gnutls_init(&w->server, GNUTLS_SERVER | GNUTLS_NONBLOCK);
    gnutls_priority_set_direct(w->client, priority, NULL);
    gnutls_priority_set_direct(w->server, priority, NULL);
    gnutls_credentials_set(w->client, GNUTLS_CRD_PSK, client_keys);
    gnutls_credentials_set(w->server, GNUTLS_CRD_PSK, server_keys);
    gnutls_session_t both[] = { w->client, w->server };
    for (int i = 0; i < 2; i++) {
        gnutls_transport_set_ptr(both[i], w);
        gnutls_transport_set_push_function(both[i], i ? server_push : client_push);
        gnutls_transport_set_pull_function(both[i], i ? server_pull : client_pull);
        gnutls_transport_set_pull_timeout_function(both[i], no_wait);
    }
    if (random_below(&w->random, 3) == 0)
        gnutls_record_set_max_size(w->client, 512);
    shake(w);
}

static void pump(struct writer *w)
{
    char buf[16384];
    for (;;) {
        ssize_t n = gnutls_record_recv(w->server, buf, sizeof buf);
        if (n == GNUTLS_E_INTERRUPTED)
            continue;
        if (n <= 0)
            break;
        put(&w->got, buf, (size_t)n);
    }
}

/* TLS 1.2 has no padding. */
static size_t pad_of(const struct writer *w, size_t len)
{
    return len < 400 && gnutls_protocol_get_version(w->client) == GNUTLS_TLS1_3 ? 100 : 0;
}

static ssize_t try_write(struct writer *w, const char *data, size_t len)
{
    const gnutls_range_st range = { len, len };
    switch (w->how) {
    case SEND2:
        return gnutls_record_send2(w->client, data, len, pad_of(w, len), 0);
    case RANGE:
        return data ? gnutls_record_send_range(w->client, data, len, &range)
                    : gnutls_record_send(w->client, NULL, 0);
    default:
        return gnutls_record_send(w->client, data, len);
    }
}

static void uncork(struct writer *w)
{
    int n;
    do {
        n = gnutls_record_uncork(w->client, 0);
        if (n < 0 && gnutls_error_is_fatal(n))
            die("uncork", n);
    } while (n < 0);
}

/* Up to `len` bytes in one call, tried until it succeeds: the same again, or (NULL, 0). */
static void write_some(struct writer *w, size_t len)
{
    char *at = corpus_alloc(len + 1, 1);
    bool corked = w->how == CORK && random_below(&w->random, 2);
    ssize_t n;
    memcpy(at, w->of->data + w->own, len);
    if (corked)
        gnutls_record_cork(w->client);
    n = try_write(w, at, len);
    while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED) {
        bool again = w->how == SEND2 || random_below(&w->random, 2);
        refused++;
        if (!again)
            memset(at, '#', len);
        n = try_write(w, again ? at : NULL, again ? len : 0);
        memcpy(at, w->of->data + w->own, len);
    }
    if (n <= 0 || (size_t)n > len)
        die(names[w->how], n < 0 ? (int)n : 0);
    size_t most = gnutls_record_get_max_size(w->client) - (w->how == SEND2 ? pad_of(w, len) : 0);
    if ((size_t)n < (corked || w->how == RANGE || len < most ? len : most))
        die("a call took less than it does without the shim", 0);
    if (corked)
        uncork(w);
    w->own += (size_t)n;
    free(at);
}

static void hear(struct writer *w)
{
    for (; w->answered < w->of->answers; w->answered++) {
        const struct place *a = &w->of->answer[w->answered];
        char buf[4096];
        if (a->at != w->own)
            return;
        pump(w);
        if (gnutls_record_send(w->server, a->text, a->len) != (ssize_t)a->len)
            die("no answer", 0);
        for (size_t got = 0; got < a->len;) {
            ssize_t n = gnutls_record_recv(w->client, buf, sizeof buf);
            got += n > 0 ? (size_t)n : 0;
        }
    }
}

static void judge(const struct writer *w, size_t cut, uint64_t seed)
{
    size_t len = strand_wire_len(w->of, w->own);
    char *expected = strand_wire(w->of, w->own);
    if (len != w->got.len || (len && memcmp(expected, w->got.at, len) != 0)) {
        printf("%s: %s, cut %zu, seed %llu\n--- must\n%.*s\n--- did\n%.*s\n", w->of->name,
               names[w->how], cut, (unsigned long long)seed, (int)len, expected, (int)w->got.len,
               w->got.at ? w->got.at : "");
        exit(1);
    }
    free(expected);
}

static void pass(const struct strand *s, size_t cut, uint64_t seed)
{
    struct writer *w = corpus_alloc(1, sizeof *w);
    w->of = s;
    w->random = seed * 31 + cut;
    w->how = (enum how)random_below(&w->random, HOWS);
    size_t step = random_below(&w->random, 2) ? 100 : s->len + 1;
    writer_open(w);
    w->refuse = (unsigned)random_below(&w->random, 7);
    if (w->how == RANGE && !gnutls_record_can_use_length_hiding(w->client))
        w->how = SEND;
    if (w->how == RANGE)
        w->refuse = 0; /* it is for blocking sockets */
    while (w->own < s->len) {
        hear(w);
        size_t stop = s->len;
        if (w->answered < s->answers && s->answer[w->answered].at < stop)
            stop = s->answer[w->answered].at;
        if (w->own < cut && cut < stop)
            stop = cut;
        size_t len = stop - w->own, some = 1 + random_below(&w->random, step);
        write_some(w, cut || some > len ? len : some);
    }
    pump(w);
    judge(w, cut, seed);
    gnutls_deinit(w->client);
    gnutls_deinit(w->server);
    free(w->up.at);
    free(w->down.at);
    free(w->got.at);
    free(w);
    passes++;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    const struct corpus c = corpus_read(argv[1]);
    const gnutls_datum_t key = { secret, sizeof secret };
    size_t step = strtoul(argv[2], NULL, 10);
    unsigned long long seeds = strtoull(argv[3], NULL, 10);
    gnutls_psk_allocate_client_credentials(&client_keys);
    gnutls_psk_allocate_server_credentials(&server_keys);
    gnutls_psk_set_client_credentials(client_keys, "user", &key, GNUTLS_PSK_KEY_RAW);
    gnutls_psk_set_server_credentials_function(server_keys, key_of);
    for (size_t i = 0; i < c.count; i++) {
        for (size_t cut = step ? 1 : SIZE_MAX; cut < c.strand[i].len; cut += step)
            pass(&c.strand[i], cut, 1);
        for (unsigned long long seed = 1; seed <= seeds; seed++)
            pass(&c.strand[i], 0, seed);
    }
    gnutls_psk_free_client_credentials(client_keys);
    gnutls_psk_free_server_credentials(server_keys);
    printf("%zu streams, %llu passes, %s\n", c.count, passes,
           refused > passes ? "refused often" : "hardly refused");
    return 0;
}
