/* Writes every stream of a corpus (tests/lib/adversary.py) into OpenSSL, cut in every way, by every
 * function that writes, through a pipe so small that writes are refused. For its arguments see
 * adversary-cuts.h. */
#include "adversary-cuts.h"
#include "ssl-pair.h"

enum how {
    WRITE,
    WRITE_EX,
    BIO_WRITE,
    BIO_EX,
    PUTS,
    PRINTF,
    BUFFER,
    BUFFER_PUTS,
    BUFFER_PRINTF,
    HOWS
};

static const char *const names[HOWS] = { "SSL_write",      "SSL_write_ex",  "BIO_write",
                                         "BIO_write_ex",   "BIO_puts",      "BIO_printf",
                                         "buffered write", "buffered puts", "buffered printf" };

static SSL_CTX *client_ctx[2], *server_ctx; /* TLS 1.3, TLS 1.2 */

struct writer {
    const struct strand *of;
    struct pair pair;
    BIO *top; /* what the program writes into, when not SSL * */
    enum how how;
    bool partial, moving;
    size_t fragment; /* what a session that may take a part takes at once */
    uint64_t random;
    size_t own, answered;
};

static void writer_open(struct writer *w)
{
    static const size_t sizes[] = { 300, 300, 900, 5000, 70000 };
    pair_open(&w->pair, client_ctx[random_below(&w->random, 2)], server_ctx,
              sizes[random_below(&w->random, 5)]);
    SSL_clear_mode(w->pair.client, SSL_MODE_AUTO_RETRY);
    if (w->partial)
        SSL_set_mode(w->pair.client, SSL_MODE_ENABLE_PARTIAL_WRITE);
    if (w->moving)
        SSL_set_mode(w->pair.client, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    w->fragment = random_below(&w->random, 4) ? 16384 : 512;
    SSL_set_max_send_fragment(w->pair.client, w->fragment);
    if (w->how >= BIO_WRITE) {
        w->top = BIO_new(BIO_f_ssl());
        BIO_set_ssl(w->top, w->pair.client, BIO_NOCLOSE);
    }
    if (w->how >= BUFFER) {
        w->top = BIO_push(BIO_new(BIO_f_buffer()), w->top);
        if (random_below(&w->random, 2))
            BIO_set_write_buffer_size(w->top, 256 + (int)random_below(&w->random, 2000));
    }
    if (random_below(&w->random, 8)) /* else the first write shakes hands */
        pair_shake(&w->pair);
}

static size_t text_len(const char *data, size_t len)
{
    const char *nul = memchr(data, 0, len);
    return nul ? (size_t)(nul - data) : len;
}

/* One call; 0: refused. */
static size_t try_write(struct writer *w, const char *data, size_t len, bool text)
{
    size_t taken = 0;
    int n = -1;
    if (w->how == WRITE)
        n = SSL_write(w->pair.client, data, (int)len);
    else if (w->how == WRITE_EX)
        n = SSL_write_ex(w->pair.client, data, len, &taken);
    else if (w->how == BIO_EX)
        n = BIO_write_ex(w->top, data, len, &taken);
    else if (text && (w->how == PUTS || w->how == BUFFER_PUTS))
        n = BIO_puts(w->top, data);
    else if (text && (w->how == PRINTF || w->how == BUFFER_PRINTF))
        n = BIO_printf(w->top, "%.*s", (int)len, data);
    else
        n = BIO_write(w->top, data, (int)len);
    if (n > 0)
        return taken ? taken : (size_t)n;
    int error = SSL_get_error(w->pair.client, n);
    bool again = w->how >= BIO_WRITE
                     ? BIO_should_retry(w->top)
                     : error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ;
    if (!again) {
        printf("%s: %s failed\n", w->of->name, names[w->how]);
        die("a write failed");
    }
    cut_refused++;
    return 0;
}

static bool is_string(enum how how)
{
    return how == PUTS || how == PRINTF || how == BUFFER_PUTS || how == BUFFER_PRINTF;
}

/* Up to `len` bytes in one call, tried until it succeeds, from another place if it may be. */
static void write_some(struct writer *w, size_t len)
{
    const char *data = w->of->data + w->own;
    bool text = is_string(w->how) && text_len(data, len) > 0;
    if (text)
        len = text_len(data, len);
    char *at = corpus_alloc(len + 1, 1);
    memcpy(at, data, len);
    for (size_t taken = 0; !taken;) {
        taken = try_write(w, at, len, text);
        w->own += taken;
        if (taken && w->how < BUFFER &&
            taken < (w->partial && len > w->fragment ? w->fragment : len))
            die("a write took less than it does without the shim");
        if (taken) {
            cut_calls++;
            break;
        }
        pair_pump(&w->pair);
        if (!w->moving)
            continue;
        char *next = corpus_alloc(len + 1, 1);
        memcpy(next, data, len);
        memset(at, '#', len);
        free(at);
        at = next;
    }
    free(at);
}

static void flush(struct writer *w)
{
    while (w->how >= BUFFER && BIO_flush(w->top) <= 0) {
        if (!BIO_should_retry(w->top))
            die("a flush failed");
        pair_pump(&w->pair);
    }
    pair_pump(&w->pair);
}

/* The server answers, and the program reads it. */
static void hear(struct writer *w)
{
    for (; w->answered < w->of->answers; w->answered++) {
        const struct place *a = &w->of->answer[w->answered];
        char buf[4096];
        if (a->at != w->own)
            return;
        flush(w);
        if (!SSL_is_init_finished(w->pair.server))
            pair_shake(&w->pair);
        for (size_t sent = 0, got = 0; got < a->len;) {
            int n = SSL_write(w->pair.server, a->text + sent, (int)(a->len - sent));
            sent += n > 0 ? (size_t)n : 0;
            n = w->how >= BIO_WRITE ? BIO_read(w->top, buf, sizeof buf)
                                    : SSL_read(w->pair.client, buf, sizeof buf);
            got += n > 0 ? (size_t)n : 0;
        }
    }
}

static void judge(struct writer *w, const struct cuts *cuts, uint64_t seed)
{
    size_t len = strand_wire_len(w->of, w->own);
    char *expected = strand_wire(w->of, w->own);
    if (!cut_is_right(w->of, w->own, w->pair.got, w->pair.len)) {
        printf("%s: %s%s%s, cut %zu, seed %llu\n--- must\n%.*s\n--- did\n%.*s\n", w->of->name,
               names[w->how], w->partial ? " partial" : "", w->moving ? " moving" : "", cuts->at,
               (unsigned long long)seed, (int)len, expected, (int)w->pair.len,
               w->pair.got ? w->pair.got : "");
        exit(1);
    }
    free(expected);
}

static void pass(const struct strand *s, const struct cuts *cuts, uint64_t seed)
{
    struct writer w = { .of = s, .random = seed };
    w.how = (enum how)random_below(&w.random, HOWS);
    w.partial = random_below(&w.random, 2);
    /* What BIO_printf makes stands anywhere. */
    w.moving = random_below(&w.random, 2) || w.how == PRINTF || w.how == BUFFER_PRINTF;
    writer_open(&w);
    while (w.own < s->len) {
        hear(&w);
        size_t stop = s->len;
        if (w.answered < s->answers && s->answer[w.answered].at < stop)
            stop = s->answer[w.answered].at;
        write_some(&w, cut_next(cuts, w.own, stop, &w.random));
        if (random_below(&w.random, 16) == 0)
            pair_pump(&w.pair);
    }
    flush(&w);
    judge(&w, cuts, seed);
    BIO_free_all(w.top);
    pair_close(&w.pair);
}

int main(int argc, char **argv)
{
    server_ctx = shared_context(TLS_server_method(), 0);
    client_ctx[0] = shared_context(TLS_client_method(), 0);
    client_ctx[1] = shared_context(TLS_client_method(), TLS1_2_VERSION);
    return cut_all(argc, argv, pass);
}
