/* Says what OpenSSL's functions return and leave behind, in every state in which they refuse:
 *
 *     ssl-results [SEEN]     SEEN: a file that gets the number of baggage lines that arrived
 *
 * All of it is the same with the shim and without. */
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ssl-pair.h"

static const char head[] = "POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 700\r\n\r\n";
static char request[756], other[756];

enum how { WRITE, WRITE_EX, BIO_WRITE, BIO_EX, PUTS, PRINTF, HOWS };
static const char *const names[HOWS] = { "SSL_write",    "SSL_write_ex", "BIO_write",
                                         "BIO_write_ex", "BIO_puts",     "BIO_printf" };

static SSL_CTX *client_ctx[2], *server_ctx; /* TLS 1.3, TLS 1.2 */
static unsigned baggage_lines;

struct bed {
    struct pair pair;
    BIO *top;
    enum how how;
    const char *what; /* scenario */
    bool tls12;
    long mode;
};

/* --- what is said ----------------------------------------------------------------------------- */

static void say_queue(void)
{
    unsigned long error;
    const char *data;
    int flags;
    while ((error = ERR_get_error_all(NULL, NULL, NULL, &data, &flags))) {
        const char *reason = ERR_reason_error_string(error);
        printf(" [%s%s%s]", reason ? reason : "?", *data ? ": " : "",
               flags & ERR_TXT_STRING ? data : "");
    }
}

static void say(const struct bed *b, const char *step, int n, long count)
{
    int error = errno, ssl_error = SSL_get_error(b->pair.client, n);
    printf("%s, mode %ld, %s, %s, %s: %d", b->tls12 ? "1.2" : "1.3", b->mode, names[b->how],
           b->what, step, n);
    if (count >= 0)
        printf(" (%ld)", count);
    printf(", error %d, want %d, errno %d, state %s", ssl_error, SSL_want(b->pair.client), error,
           SSL_state_string(b->pair.client));
    if (b->how >= BIO_WRITE)
        printf(", flags %x, reason %d", BIO_get_flags(b->top) & 0xf, BIO_get_retry_reason(b->top));
    say_queue();
    printf("\n");
}

/* What comes first is no data. */
static void get(struct bed *b, const char *step)
{
    char buf[100];
    for (int i = 0; i < 3; i++) {
        errno = 0;
        int n = SSL_read(b->pair.client, buf, sizeof buf);
        say(b, step, n, -1);
    }
}

static int put(struct bed *b, const char *step, const char *data, long len)
{
    size_t count = 777;
    int n = -1;
    errno = 0;
    switch (b->how) {
    case WRITE:
        n = SSL_write(b->pair.client, data, (int)len);
        break;
    case WRITE_EX:
        n = SSL_write_ex(b->pair.client, data, (size_t)len, &count);
        break;
    case BIO_WRITE:
        n = BIO_write(b->top, data, (int)len);
        break;
    case BIO_EX:
        n = BIO_write_ex(b->top, data, (size_t)len, &count);
        break;
    case PUTS:
        n = BIO_puts(b->top, data);
        break;
    default:
        n = BIO_printf(b->top, "%s", data);
        break;
    }
    bool counts = (b->how == WRITE_EX || b->how == BIO_EX) && data && len;
    say(b, step, n, counts && n > 0 ? (long)count : -1);
    return n;
}

/* --- the bed ---------------------------------------------------------------------------------- */

static void bed_sessions(struct bed *b)
{
    b->pair =
        (struct pair){ .client = SSL_new(client_ctx[b->tls12]), .server = SSL_new(server_ctx) };
    SSL_clear_mode(b->pair.client, SSL_MODE_AUTO_RETRY);
    SSL_set_mode(b->pair.client, b->mode);
    b->top = BIO_new(BIO_f_ssl());
    BIO_set_ssl(b->top, b->pair.client, BIO_NOCLOSE);
}

static void bed_open(struct bed *b, size_t room)
{
    bed_sessions(b);
    pair_pipe(&b->pair, room);
    pair_shake(&b->pair);
}

static void bed_close(struct bed *b)
{
    for (const char *at = b->pair.got; at; baggage_lines++)
        if (!(at = memmem(at, b->pair.len - (size_t)(at - b->pair.got), "\nbaggage: ", 10)))
            break;
        else
            at++;
    BIO_free_all(b->top);
    pair_close(&b->pair);
    ERR_clear_error();
}

static bool is_text(const struct bed *b)
{
    return b->how == PUTS || b->how == PRINTF;
}

/* As long as it takes; only the last result is said. */
static void finish(struct bed *b, const char *data, size_t len)
{
    size_t done = 0;
    fflush(stdout);
    while (done < len) {
        size_t count = 0;
        int n = b->how == WRITE      ? SSL_write(b->pair.client, data + done, (int)(len - done))
                : b->how == WRITE_EX ? SSL_write_ex(b->pair.client, data + done, len - done, &count)
                : b->how == BIO_EX   ? BIO_write_ex(b->top, data + done, len - done, &count)
                : b->how == PUTS     ? BIO_puts(b->top, data + done)
                : b->how == PRINTF   ? BIO_printf(b->top, "%s", data + done)
                                     : BIO_write(b->top, data + done, (int)(len - done));
        int error = SSL_get_error(b->pair.client, n);
        if (n <= 0 && error != SSL_ERROR_WANT_WRITE && error != SSL_ERROR_WANT_READ) {
            say(b, "never ends", n, -1);
            return;
        }
        done += n <= 0 ? 0 : count ? count : (size_t)n;
        pair_pump(&b->pair);
    }
    errno = 0;
    say(b, "in the end", 1, (long)done);
}

/* --- scenarios -------------------------------------------------------------------------------- */

static void plain(struct bed *b)
{
    bed_open(b, 70000);
    put(b, "whole", request, sizeof request - 1);
    pair_pump(&b->pair);
    put(b, "two at once", other, sizeof other - 1);
    bed_close(b);
}

static void before_handshake(struct bed *b)
{
    bed_sessions(b);
    pair_pipe(&b->pair, 70000);
    put(b, "first", request, sizeof request - 1);
    put(b, "again", request, sizeof request - 1);
    pair_shake(&b->pair);
    put(b, "other", other, sizeof other - 1);
    bed_close(b);
}

static void small_pipe(struct bed *b)
{
    bed_open(b, 300);
    for (int i = 0; i < 3; i++)
        put(b, "refused", request, sizeof request - 1);
    finish(b, request, sizeof request - 1);
    bed_close(b);
}

static void wrong_retry(struct bed *b)
{
    bed_open(b, 300);
    put(b, "refused", request, sizeof request - 1);
    memcpy(other, request, sizeof other);
    put(b, "elsewhere", other, sizeof other - 1);
    if (!is_text(b)) {
        put(b, "shorter", request, 40);
        put(b, "nothing", request, 0);
    }
    put(b, "right", request, sizeof request - 1);
    bed_close(b);
}

static void nothing(struct bed *b)
{
    bed_open(b, 70000);
    if (is_text(b)) {
        put(b, "empty", "", 0);
    } else {
        put(b, "first", request, 0);
        put(b, "first, NULL", NULL, 0);
    }
    if (b->how == WRITE || b->how == BIO_WRITE)
        put(b, "negative", request, -1);
    put(b, "all", request, sizeof request - 1);
    if (b->how == BIO_EX) {
        int n = BIO_write_ex(b->top, request, 20, NULL);
        say(b, "uncounted", n, -1);
    }
    pair_pump(&b->pair);
    bed_close(b);
}

static void unset(struct bed *b)
{
    bed_sessions(b);
    put(b, "neither side", request, sizeof request - 1);
    SSL_set_connect_state(b->pair.client);
    put(b, "no transport", request, sizeof request - 1);
    bed_close(b);
}

static void closed_by_peer(struct bed *b)
{
    bed_open(b, 70000);
    put(b, "open", request, sizeof request - 1);
    pair_pump(&b->pair);
    SSL_shutdown(b->pair.server);
    get(b, "read");
    put(b, "half open", request, sizeof request - 1);
    SSL_shutdown(b->pair.client);
    put(b, "closed", request, sizeof request - 1);
    bed_close(b);
}

static void renegotiated(struct bed *b)
{
    bed_open(b, 70000);
    put(b, "before", request, sizeof request - 1);
    pair_pump(&b->pair);
    if (b->tls12)
        SSL_renegotiate(b->pair.client);
    else
        SSL_key_update(b->pair.client, SSL_KEY_UPDATE_REQUESTED);
    put(b, "begun", request, sizeof request - 1);
    finish(b, request, sizeof request - 1);
    bed_close(b);
}

/* A part of the request is out when the handshake begins. */
static void renegotiated_inside(struct bed *b)
{
    bed_open(b, 300);
    put(b, "before", request, sizeof request - 1);
    pair_pump(&b->pair);
    if (b->tls12)
        SSL_renegotiate(b->pair.client);
    else
        SSL_key_update(b->pair.client, SSL_KEY_UPDATE_REQUESTED);
    finish(b, request, sizeof request - 1);
    bed_close(b);
}

static void garbage(struct bed *b)
{
    bed_open(b, 70000);
    BIO_write(SSL_get_wbio(b->pair.server), "\x17\x03\x03\x00\x20 this is no record of theirs", 37);
    get(b, "read");
    put(b, "after an alert", request, sizeof request - 1);
    bed_close(b);
}

static void stale_error(struct bed *b)
{
    bed_open(b, 300);
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_VALUE);
    put(b, "refused", request, sizeof request - 1);
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_VALUE);
    finish(b, request, sizeof request - 1);
    bed_close(b);
}

static void broken_pipe(struct bed *b)
{
    int fd[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
        die("no sockets");
    bed_open(b, 70000);
    /* Its records go nowhere from here on. */
    SSL_set_fd(b->pair.client, fd[0]);
    close(fd[1]);
    put(b, "broken", request, sizeof request - 1);
    put(b, "still broken", request, sizeof request - 1);
    bed_close(b);
    close(fd[0]);
}

static void full_socket(struct bed *b)
{
    static char fill[4096];
    int fd[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) != 0)
        die("no sockets");
    while (send(fd[0], fill, sizeof fill, 0) > 0)
        continue;
    bed_open(b, 70000);
    SSL_set_fd(b->pair.client, fd[0]);
    put(b, "full", request, sizeof request - 1);
    put(b, "still full", request, sizeof request - 1);
    close(fd[1]);
    put(b, "closed", request, sizeof request - 1);
    bed_close(b);
    close(fd[0]);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(struct bed *);
    } all[] = { { "plain", plain },
                { "before the handshake", before_handshake },
                { "small pipe", small_pipe },
                { "wrong retry", wrong_retry },
                { "nothing", nothing },
                { "unset", unset },
                { "closed by peer", closed_by_peer },
                { "renegotiated", renegotiated },
                { "renegotiated inside", renegotiated_inside },
                { "garbage", garbage },
                { "stale error", stale_error },
                { "broken pipe", broken_pipe },
                { "full socket", full_socket } };
    static const long modes[] = { 0, SSL_MODE_ENABLE_PARTIAL_WRITE,
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER,
                                  SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER };
    signal(SIGPIPE, SIG_IGN);
    server_ctx = server_context();
    SSL_CTX_set_options(server_ctx, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
    for (int i = 0; i < 2; i++)
        client_ctx[i] = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(client_ctx[1], TLS1_2_VERSION);
    for (size_t s = 0; s < sizeof all / sizeof *all; s++)
        for (int i = 0; i < 4 * HOWS * 2; i++) {
            struct bed b = { .how = (enum how)(i % HOWS), .what = all[s].name };
            b.mode = modes[i / HOWS % 4];
            b.tls12 = i / HOWS / 4;
            memset(request, 'x', sizeof request - 1);
            memcpy(request, head, sizeof head - 1);
            snprintf(other, sizeof other, "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n%.718s", request);
            all[s].run(&b);
        }
    FILE *seen = argc > 1 ? fopen(argv[1], "w") : NULL;
    if (seen) {
        fprintf(seen, "%u\n", baggage_lines);
        fclose(seen);
    }
    return 0;
}
