/* How the streams of a corpus are cut into calls, for the adversaries of TLS libraries:
 *
 *     ... CORPUS MODE CALLS SEED
 *
 *     pairs    two calls a stream, cut at every byte, or at so many places as make CALLS calls
 *     bytes    a call a byte
 *     random   pieces of any length
 *
 * The corpus is gone through until there were CALLS calls that took something. With ADVERSARY_SPARE
 * in the environment any of ours may be missing, as a whole. */
#ifndef BELLHOP_TESTS_ADVERSARY_CUTS_H
#define BELLHOP_TESTS_ADVERSARY_CUTS_H

#include "adversary-corpus.h"

enum cut_mode { CUT_PAIRS, CUT_BYTES, CUT_RANDOM };

struct cuts {
    enum cut_mode mode;
    size_t at;   /* pairs: the place */
    size_t step; /* random: the longest piece */
};

static unsigned long long cut_calls, cut_refused; /* the adversary counts them */

/* What arrived when the first `own` bytes of the stream were sent. */
static inline bool cut_is_right(const struct strand *s, size_t own, const char *got, size_t len)
{
    return strand_is_right(s, own, got, len, getenv("ADVERSARY_SPARE") != NULL);
}

/* The length of the next piece, from `own` on; never beyond `stop`. */
static inline size_t cut_next(const struct cuts *c, size_t own, size_t stop, uint64_t *random)
{
    if (c->mode == CUT_BYTES)
        return 1;
    if (c->mode == CUT_PAIRS)
        return (own < c->at && c->at < stop ? c->at : stop) - own;
    size_t some = 1 + random_below(random, c->step);
    return some < stop - own ? some : stop - own;
}

typedef void cut_pass(const struct strand *s, const struct cuts *how, uint64_t seed);

/* Every `every`-th place of all streams, or every stream as a whole. */
static inline void cut_round(const struct corpus *c, struct cuts how, size_t every, uint64_t seed,
                             cut_pass *pass)
{
    size_t skip = seed % every;
    for (size_t i = 0; i < c->count; i++) {
        const struct strand *s = &c->strand[i];
        if (how.mode != CUT_PAIRS) {
            pass(s, &how, seed * 1009 + i);
            continue;
        }
        for (how.at = 1 + skip; how.at < s->len; how.at += every)
            pass(s, &how, seed * 1009 + how.at);
        skip = how.at > s->len ? how.at - s->len : 0;
    }
}

static inline int cut_all(int argc, char **argv, cut_pass *pass)
{
    static const char *const modes[] = { "pairs", "bytes", "random" };
    struct cuts how = { .mode = CUT_PAIRS };
    size_t bytes = 0;
    if (argc != 5)
        return 2;
    while (how.mode <= CUT_RANDOM && strcmp(argv[2], modes[how.mode]) != 0)
        how.mode++;
    if (how.mode > CUT_RANDOM)
        return 2;
    const struct corpus c = corpus_read(argv[1]);
    unsigned long long calls = strtoull(argv[3], NULL, 10);
    uint64_t seed = strtoull(argv[4], NULL, 10);
    for (size_t i = 0; i < c.count; i++)
        bytes += c.strand[i].len;
    size_t every = calls < 2 * bytes ? 2 * bytes / (calls ? calls : 1) : 1;
    do {
        how.step = seed % 2 ? 100 : SIZE_MAX / 2;
        cut_round(&c, how, every, seed++, pass);
    } while (cut_calls < calls);
    printf("%zu streams, %llu calls, %llu refused\n", c.count, cut_calls, cut_refused);
    return 0;
}

#endif
