/* Writes that are left by siglongjmp while they block: ssl-jump write|bio
 *
 * What became of such a session nobody knows, so it is freed. What the next ones write, maybe at
 * the same address, arrives as it must. */
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

#include "slow-pair.h"

#include "ssl-pair.h"

static SSL_CTX *client_ctx, *server_ctx;
static sigjmp_buf back;
static bool by_bio;

struct talk {
    struct slow s;
    SSL *ssl;
    BIO *bio;
    pthread_t thread;
    bool reads;
};

static void jump(int number)
{
    (void)number;
    siglongjmp(back, 1);
}

static void *serve(void *arg)
{
    struct talk *t = arg;
    SSL *ssl = SSL_new(server_ctx);
    char buf[700];
    int n;
    SSL_set_fd(ssl, t->s.server);
    if (SSL_accept(ssl) != 1)
        die("no session");
    while (t->reads && (n = SSL_read(ssl, buf, sizeof buf)) > 0)
        slow_seen(&t->s, buf, (size_t)n);
    SSL_free(ssl);
    return NULL;
}

static void talk_open(struct talk *t, bool reads)
{
    *t = (struct talk){ .ssl = SSL_new(client_ctx), .reads = reads };
    slow_open(&t->s, false);
    SSL_set_fd(t->ssl, t->s.client);
    t->bio = by_bio ? BIO_new(BIO_f_ssl()) : NULL;
    if (t->bio)
        BIO_set_ssl(t->bio, t->ssl, BIO_NOCLOSE);
    if (pthread_create(&t->thread, NULL, serve, t) != 0 || SSL_connect(t->ssl) != 1)
        die("no session");
}

static void talk_close(struct talk *t)
{
    if (t->reads)
        SSL_shutdown(t->ssl);
    pthread_join(t->thread, NULL);
    if (t->reads)
        slow_judge(&t->s, 20);
    SSL_free(t->ssl);
    BIO_free(t->bio);
    close(t->s.client);
    close(t->s.server);
    free(t->s.seen);
}

static void put(struct talk *t, unsigned long number)
{
    static char call[SLOW_CALL];
    size_t len = slow_call(call, number, "");
    int n = t->bio ? BIO_write(t->bio, call, (int)len) : SSL_write(t->ssl, call, (int)len);
    if (n != (int)len)
        die("a write failed");
}

static void leave_one(void)
{
    static struct talk t;
    sigset_t alarm;
    const struct itimerval soon = { .it_value.tv_usec = 200000 };
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    talk_open(&t, false);
    pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
    if (sigsetjmp(back, 1) == 0) {
        setitimer(ITIMER_REAL, &soon, NULL);
        for (unsigned long number = 0;; number++)
            put(&t, number);
    }
    pthread_sigmask(SIG_BLOCK, &alarm, NULL);
    talk_close(&t);
}

int main(int argc, char **argv)
{
    sigset_t alarm;
    struct talk t;
    server_ctx = shared_context(TLS_server_method(), 0);
    client_ctx = shared_context(TLS_client_method(), 0);
    by_bio = argc == 2 && strcmp(argv[1], "bio") == 0;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    signal(SIGALRM, jump);
    pthread_sigmask(SIG_BLOCK, &alarm, NULL);
    for (int i = 0; i < 3; i++) {
        leave_one();
        talk_open(&t, true);
        for (unsigned long number = 0; number < 20; number++)
            put(&t, number);
        talk_close(&t);
    }
    return 0;
}
