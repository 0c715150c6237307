/* Lives of GnuTLS sessions: `gnutls-life SCENARIO` says what calls returned and the other side
 * read. */
#include <unistd.h>

#include "gnutls-pair.h"

static const char get[] = "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n";
static const char put[] = "PUT /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 33\r\n\r\n";
static FILE *file;

static void send_text(struct pair *p, const char *text)
{
    printf("sent: %zd\n", gnutls_record_send(p->client, text, strlen(text)));
}

static void say(const char *what, struct pair *p)
{
    pair_pump(p);
    printf("%s:\n%.*s--\n", what, (int)p->got.len, p->got.at ? p->got.at : "");
    p->got.len = 0;
}

/* What a file holds is a body, whatever it looks like. */
static void whole_file(struct pair *p)
{
    off_t at = 0;
    send_text(p, put);
    printf("file: %zd\n", gnutls_record_send_file(p->client, fileno(file), &at, sizeof get - 1));
    printf("at %ld\n", (long)at);
    send_text(p, get);
    say("a file", p);
}

static void file_in_pieces(struct pair *p)
{
    send_text(p, put);
    for (off_t at = 0; at < (off_t)sizeof get - 1;) {
        ssize_t n = gnutls_record_send_file(p->client, fileno(file), &at, 10);
        printf("file: %zd, at %ld\n", n, (long)at);
        if (n <= 0)
            break;
    }
    send_text(p, get);
    say("a file in pieces", p);
}

static void file_without_position(struct pair *p)
{
    send_text(p, put);
    printf("file: %zd\n", gnutls_record_send_file(p->client, fileno(file), NULL, 1000));
    send_text(p, get);
    say("a file", p);
}

/* When it fails, nobody knows how much of it went. */
static void refused_file(struct pair *p)
{
    send_text(p, put);
    p->push_error = EAGAIN;
    printf("file: %zd\n", gnutls_record_send_file(p->client, fileno(file), NULL, 1000));
    p->push_error = 0;
    printf("rest: %zd\n", gnutls_record_send(p->client, NULL, 0));
    send_text(p, get);
    say("a file that was refused", p);
}

static const char tls13[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
static gnutls_certificate_credentials_t certificate, any;
static gnutls_datum_t ticket_key, session;
static gnutls_anti_replay_t replays;

static int is_new(void *arg, time_t end, const gnutls_datum_t *key, const gnutls_datum_t *data)
{
    (void)arg, (void)end, (void)key, (void)data;
    return 0;
}

static void prepare(struct pair *p)
{
    pair_close(p);
    pair_make(p, tls13, 0, GNUTLS_ENABLE_EARLY_DATA);
    gnutls_credentials_set(p->server, GNUTLS_CRD_CERTIFICATE, certificate);
    gnutls_credentials_set(p->client, GNUTLS_CRD_CERTIFICATE, any);
    gnutls_session_ticket_enable_server(p->server, &ticket_key);
    gnutls_anti_replay_enable(p->server, replays);
    if (session.data)
        gnutls_session_set_data(p->client, session.data, session.size);
}

/* Nothing of ours goes into it, nor into what follows: whether it counts is known too late. */
static void early(struct pair *p)
{
    char buf[100];
    gnutls_session_ticket_key_generate(&ticket_key);
    gnutls_anti_replay_init(&replays);
    gnutls_anti_replay_set_add_function(replays, is_new);
    prepare(p);
    pair_shake(p);
    gnutls_record_recv(p->client, buf, sizeof buf);
    gnutls_session_get_data2(p->client, &session);
    prepare(p);
    printf("early: %zd\n", gnutls_record_send_early_data(p->client, get, sizeof get - 1));
    pair_shake(p);
    ssize_t n = gnutls_record_recv_early_data(p->server, buf, sizeof buf);
    printf("%zd bytes were early:\n%.*s--\n", n, n > 0 ? (int)n : 0, buf);
    send_text(p, get);
    say("then", p);
    gnutls_free(session.data);
    gnutls_free(ticket_key.data);
    gnutls_anti_replay_deinit(replays);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(struct pair *);
    } all[] = { { "file", whole_file },
                { "pieces", file_in_pieces },
                { "position", file_without_position },
                { "refused", refused_file },
                { "early", early } };
    struct pair p;
    file = tmpfile();
    fputs(get, file);
    rewind(file);
    pair_start();
    gnutls_certificate_allocate_credentials(&any);
    gnutls_certificate_allocate_credentials(&certificate);
    if (argc == 4 && gnutls_certificate_set_x509_key_file(certificate, argv[2], argv[3],
                                                          GNUTLS_X509_FMT_PEM) != 0)
        return 3;
    for (size_t i = 0; argc >= 2 && i < sizeof all / sizeof *all; i++)
        if (strcmp(argv[1], all[i].name) == 0) {
            pair_open(&p, pair_tls13, 0);
            all[i].run(&p);
            pair_close(&p);
        }
    gnutls_certificate_free_credentials(any);
    gnutls_certificate_free_credentials(certificate);
    pair_stop();
    fclose(file);
    return 0;
}
