/* Writes every stream of a corpus (tests/lib/adversary.py) into GnuTLS, cut in every way, by every
 * function that writes, over a wire that refuses at random. For its arguments see adversary-cuts.h.
 */
#include "adversary-cuts.h"
#include "gnutls-pair.h"

enum how { SEND, SEND2, RANGE, CORK, HOWS };

static const char *const names[HOWS] = { "send", "send2", "send_range", "cork" };

struct writer {
    const struct strand *of;
    struct pair pair;
    enum how how;
    size_t record;   /* the most that a call takes which is not corked */
    unsigned refuse; /* of 8 pushes */
    uint64_t random;
    size_t own, answered;
};

static ssize_t accept_some(void *arg, size_t len)
{
    struct writer *w = arg;
    if (random_below(&w->random, 8) < w->refuse) {
        errno = random_below(&w->random, 4) ? EAGAIN : EINTR;
        return -1;
    }
    return w->refuse ? 1 + (ssize_t)random_below(&w->random, len) : (ssize_t)len;
}

/* TLS 1.2 has no padding. */
static size_t pad_of(const struct writer *w, size_t len)
{
    return len < 400 && gnutls_protocol_get_version(w->pair.client) == GNUTLS_TLS1_3 ? 100 : 0;
}

static ssize_t try_write(struct writer *w, const char *data, size_t len)
{
    const gnutls_range_st range = { len, len };
    switch (w->how) {
    case SEND2:
        return gnutls_record_send2(w->pair.client, data, len, pad_of(w, len), 0);
    case RANGE:
        return data ? gnutls_record_send_range(w->pair.client, data, len, &range)
                    : gnutls_record_send(w->pair.client, NULL, 0);
    default:
        return gnutls_record_send(w->pair.client, data, len);
    }
}

static void uncork(struct writer *w, size_t len)
{
    int n;
    if (gnutls_record_check_corked(w->pair.client) != len)
        die("other bytes than the program's wait", 0);
    do {
        n = gnutls_record_uncork(w->pair.client, 0);
        if (n < 0 && gnutls_error_is_fatal(n))
            die("uncork", n);
    } while (n < 0);
    if ((size_t)n > len)
        die("more than the program's bytes were uncorked", 0);
}

/* Up to `len` bytes in one call, tried until it succeeds: the same again, or (NULL, 0). */
static void write_some(struct writer *w, size_t len)
{
    char *at = corpus_alloc(len + 1, 1);
    bool corked = w->how == CORK && random_below(&w->random, 2);
    ssize_t n;
    memcpy(at, w->of->data + w->own, len);
    if (corked)
        gnutls_record_cork(w->pair.client);
    n = try_write(w, at, len);
    while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED) {
        bool again = w->how == SEND2 || random_below(&w->random, 2);
        cut_refused++;
        if (!again)
            memset(at, '#', len);
        n = try_write(w, again ? at : NULL, again ? len : 0);
        memcpy(at, w->of->data + w->own, len);
    }
    if (n <= 0 || (size_t)n > len)
        die(names[w->how], n < 0 ? (int)n : 0);
    size_t most = w->record - (w->how == SEND2 ? pad_of(w, len) : 0);
    if ((size_t)n < (corked || w->how == RANGE || len < most ? len : most))
        die("a call took less than it does without the shim", 0);
    if (corked)
        uncork(w, len);
    cut_calls++;
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
        pair_pump(&w->pair);
        if (gnutls_record_send(w->pair.server, a->text, a->len) != (ssize_t)a->len)
            die("no answer", 0);
        for (size_t got = 0; got < a->len;) {
            ssize_t n = gnutls_record_recv(w->pair.client, buf, sizeof buf);
            got += n > 0 ? (size_t)n : 0;
        }
    }
}

static void judge(const struct writer *w, const struct cuts *cuts, uint64_t seed)
{
    size_t len = strand_wire_len(w->of, w->own);
    char *expected = strand_wire(w->of, w->own);
    const struct pipe *got = &w->pair.got;
    if (!cut_is_right(w->of, w->own, got->at, got->len)) {
        printf("%s: %s, cut %zu, seed %llu\n--- must\n%.*s\n--- did\n%.*s\n", w->of->name,
               names[w->how], cuts->at, (unsigned long long)seed, (int)len, expected, (int)got->len,
               got->at ? got->at : "");
        exit(1);
    }
    free(expected);
}

static void pass(const struct strand *s, const struct cuts *cuts, uint64_t seed)
{
    struct writer w = { .of = s, .random = seed };
    w.how = (enum how)random_below(&w.random, HOWS);
    pair_open(&w.pair, random_below(&w.random, 2) ? pair_tls13 : pair_tls12, 0);
    w.record = random_below(&w.random, 3) ? 16384 : 512;
    gnutls_record_set_max_size(w.pair.client, w.record);
    w.pair.accept = accept_some;
    w.pair.arg = &w;
    if (w.how != RANGE) /* it is for blocking sockets */
        w.refuse = (unsigned)random_below(&w.random, 7);
    while (w.own < s->len) {
        hear(&w);
        size_t stop = s->len;
        if (w.answered < s->answers && s->answer[w.answered].at < stop)
            stop = s->answer[w.answered].at;
        write_some(&w, cut_next(cuts, w.own, stop, &w.random));
    }
    pair_pump(&w.pair);
    judge(&w, cuts, seed);
    pair_close(&w.pair);
}

int main(int argc, char **argv)
{
    pair_start();
    int result = cut_all(argc, argv, pass);
    pair_stop();
    return result;
}
