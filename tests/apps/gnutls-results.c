/* Says what GnuTLS's functions return, in every state in which they refuse:
 *
 *     gnutls-results [SEEN]     SEEN: a file that gets the number of baggage lines that arrived
 *
 * All of it is the same with the shim and without. */
#include <errno.h>
#include <stdbool.h>

#include "gnutls-pair.h"

static const char head[] = "POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 700\r\n\r\n";
static char request[20000];
static unsigned baggage_lines;

enum how { SEND, SEND2, RANGE, HOWS };
static const char *const names[HOWS] = { "send", "send2", "send_range" };

struct bed {
    struct pair pair;
    enum how how;
    const char *what; /* scenario */
};

static ssize_t say(const struct bed *b, const char *step, ssize_t n)
{
    int error = errno;
    printf("%s, %s, %s, %s: %zd, errno %d, corked %zu\n",
           gnutls_protocol_get_name(gnutls_protocol_get_version(b->pair.client)), names[b->how],
           b->what, step, n, error, gnutls_record_check_corked(b->pair.client));
    return n;
}

static ssize_t put(struct bed *b, const char *step, const char *data, size_t len)
{
    gnutls_session_t session = b->pair.client;
    const gnutls_range_st range = { len, len };
    errno = 0;
    if (b->how == SEND2)
        return say(b, step, gnutls_record_send2(session, data, len, 0, 0));
    if (b->how == RANGE && data)
        return say(b, step, gnutls_record_send_range(session, data, len, &range));
    return say(b, step, gnutls_record_send(session, data, len));
}

static int uncork(struct bed *b, const char *step, unsigned flags)
{
    errno = 0;
    return (int)say(b, step, gnutls_record_uncork(b->pair.client, flags));
}

/* --- scenarios -------------------------------------------------------------------------------- */

static void plain(struct bed *b)
{
    put(b, "whole", request, 755);
    put(b, "two at once", request, 2 * 755);
    put(b, "nothing", request, 0);
    put(b, "NULL", NULL, 0);
    put(b, "more than a record", request, sizeof request);
}

static void refused(struct bed *b)
{
    if (b->how == RANGE)
        return; /* it is for blocking sessions */
    b->pair.push_error = EAGAIN;
    put(b, "again", request, 755);
    put(b, "again", request, 755);
    b->pair.push_error = EINTR;
    put(b, "interrupted", request, 755);
    put(b, "NULL", NULL, 0);
    b->pair.push_error = 0;
    put(b, "NULL", NULL, 0);
    put(b, "next", request, 755);
    b->pair.push_error = EAGAIN;
    put(b, "again", request, 2 * 755);
    b->pair.push_error = 0;
    put(b, "the same", request, 2 * 755);
}

static void broken(struct bed *b)
{
    static const int errors[] = { EPIPE, ECONNRESET, EMSGSIZE, ENOTCONN };
    put(b, "before", request, 755);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        b->pair.push_error = errors[i];
        put(b, "broken", request, 755);
        put(b, "still broken", request, 755);
    }
}

static void corked(struct bed *b)
{
    if (b->how == RANGE)
        return;
    gnutls_record_cork(b->pair.client);
    put(b, "corked", request, 755);
    put(b, "corked", request, 100);
    uncork(b, "uncorked", 0);
    uncork(b, "uncorked twice", 0);
    gnutls_record_cork(b->pair.client);
    put(b, "corked, two", request, 2 * 755);
    b->pair.push_error = EAGAIN;
    uncork(b, "refused", 0);
    uncork(b, "refused", 0);
    b->pair.push_error = 0;
    uncork(b, "uncorked, waiting", GNUTLS_RECORD_WAIT);
    gnutls_record_cork(b->pair.client);
    put(b, "corked, much", request, sizeof request);
    b->pair.push_limit = 17500; /* more than a record and ours */
    uncork(b, "refused inside", 0);
    b->pair.push_limit = 0;
    uncork(b, "uncorked", 0);
    put(b, "not corked", request, 755);
}

static void updated(struct bed *b)
{
    put(b, "before", request, 755);
    say(b, "key update", gnutls_session_key_update(b->pair.client, GNUTLS_KU_PEER));
    put(b, "behind", request, 755);
    pair_pump(&b->pair);
    gnutls_record_recv(b->pair.client, request + sizeof request - 100, 100);
    put(b, "updated", request, 755);
}

static void closed(struct bed *b)
{
    char buf[100];
    put(b, "before", request, 755);
    pair_pump(&b->pair);
    gnutls_bye(b->pair.server, GNUTLS_SHUT_WR);
    say(b, "read", gnutls_record_recv(b->pair.client, buf, sizeof buf));
    put(b, "half open", request, 755);
    say(b, "bye", gnutls_bye(b->pair.client, GNUTLS_SHUT_WR));
    put(b, "closed", request, 755);
}

static void alerted(struct bed *b)
{
    char buf[100];
    put(b, "before", request, 755);
    gnutls_alert_send(b->pair.server, GNUTLS_AL_FATAL, GNUTLS_A_INTERNAL_ERROR);
    say(b, "read", gnutls_record_recv(b->pair.client, buf, sizeof buf));
    put(b, "after an alert", request, 755);
}

static void early(struct bed *b)
{
    gnutls_session_t shaken = b->pair.client;
    if (b->how == RANGE)
        return; /* it crashes */
    gnutls_init(&b->pair.client, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
    put(b, "before the handshake", request, 755);
    gnutls_deinit(b->pair.client);
    b->pair.client = shaken;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(struct bed *);
    } all[] = { { "plain", plain },     { "refused", refused }, { "broken", broken },
                { "corked", corked },   { "updated", updated }, { "closed", closed },
                { "alerted", alerted }, { "early", early } };
    pair_start();
    memset(request, 'x', sizeof request);
    memcpy(request, head, sizeof head - 1);
    memcpy(request + 755, head, sizeof head - 1);
    for (size_t s = 0; s < sizeof all / sizeof *all; s++)
        for (int i = 0; i < 2 * HOWS; i++) {
            struct bed b = { .how = (enum how)(i % HOWS), .what = all[s].name };
            pair_open(&b.pair, i / HOWS ? pair_tls12 : pair_tls13, b.how == RANGE);
            all[s].run(&b);
            pair_pump(&b.pair);
            baggage_lines += pair_count(&b.pair, "\nbaggage: ");
            pair_close(&b.pair);
        }
    pair_stop();
    FILE *seen = argc > 1 ? fopen(argv[1], "w") : NULL;
    if (seen) {
        fprintf(seen, "%u\n", baggage_lines);
        fclose(seen);
    }
    return 0;
}
