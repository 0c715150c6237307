/* TLS sessions without TLS: every stream of a corpus (tests/lib/adversary.py) is written into a
 * library that takes and refuses as OpenSSL and GnuTLS do, and that minds whether it is given the
 * same again. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../apps/adversary-corpus.h"
#include "carrier/session.h"
#include "tool.h"

static const struct kind {
    const char *name;
    bool split, moving, nulls, given;
    size_t record;
} kinds[] = {
    { "whole", .split = false },
    { "whole, moving", .moving = true },
    { "partial", .split = true },
    { "partial, moving", .split = true, .moving = true },
    { "printed", .moving = false, .given = true },
    { "records", .moving = true, .nulls = true, .record = 16384 },
    { "small records", .moving = true, .nulls = true, .record = 512 },
    { "tiny records", .moving = true, .nulls = true, .record = 64 },
    { "corked", .moving = true },
};

/* The library. */
struct fake {
    const struct kind *kind;
    uint64_t *random;
    unsigned refuse;  /* of 8 calls */
    size_t fragment;  /* what a library that splits takes at once */
    size_t done;      /* bytes of a call that was refused which went out (OpenSSL's wnum) */
    size_t pending;   /* bytes behind them that must come again */
    const char *from; /* where they were */
    char held[16384];
    char *out; /* what went over the wire */
    size_t len, room;
    const char *why; /* the rules were broken */
};

static unsigned long long calls;

static void put(struct fake *f, const char *at, size_t len)
{
    while (f->len + len > f->room) {
        f->room = f->room * 2 + 4096;
        f->out = realloc(f->out, f->room);
    }
    memcpy(f->out + f->len, at, len);
    f->len += len;
}

static void check_again(struct fake *f, const char *data, size_t len)
{
    if (!f->pending || f->kind->nulls)
        return;
    if (len < f->done + f->pending)
        f->why = "less than was refused";
    else if (!f->kind->moving && !f->kind->given && data + f->done != f->from)
        f->why = "another place";
    else if (f->kind->given && data + f->done != f->from)
        f->why = "another place, though it is ours";
    else if (memcmp(data + f->done, f->held, f->pending) != 0)
        f->why = "other bytes than were refused";
}

static void hold(struct fake *f, const char *data, size_t n)
{
    f->pending = n;
    f->from = data + f->done;
    memcpy(f->held, f->from, n);
}

static enum session_result emit(void *arg, const void *data, size_t len, size_t *taken)
{
    struct fake *f = arg;
    bool first = !f->pending && !f->done;
    calls++;
    *taken = 0;
    check_again(f, data, len);
    if (f->kind->record && len > f->kind->record)
        f->why = "more than a record";
    if (!data && !f->pending)
        f->why = "nothing, and nothing was refused";
    if (f->why || (first && random_below(f->random, 16) < f->refuse))
        return SESSION_FAILED;
    for (;;) {
        size_t n = f->pending;
        if (!n) {
            n = len - f->done < f->fragment ? len - f->done : f->fragment;
            if (!f->kind->split && random_below(f->random, 4) == 0)
                n = 1 + random_below(f->random, n);
        }
        if (random_below(f->random, 8) < f->refuse) {
            if (!f->pending)
                hold(f, data, n);
            return SESSION_AGAIN;
        }
        put(f, f->pending ? f->held : (const char *)data + f->done, n);
        f->pending = 0;
        f->done += n;
        if (f->kind->split || f->kind->record || f->done == len)
            break;
    }
    *taken = f->done;
    f->done = 0;
    return SESSION_TOOK;
}

/* The program. */
struct writer {
    const struct strand *of;
    struct session *session;
    struct fake fake;
    size_t own, answered;
    long fail_at; /* of the calls of malloc; 0: none */
};

static void (*fail_malloc)(long at);

static bool send_some(struct writer *w, const char *data, size_t len, size_t *taken)
{
    const struct kind *k = w->fake.kind;
    const struct session_way way = { .emit = emit,
                                     .arg = &w->fake,
                                     .may_split = k->split,
                                     .moving = k->moving || k->given,
                                     .given = k->given,
                                     .record = k->record };
    char *given = k->given ? memcpy(corpus_alloc(len, 1), data, len) : NULL;
    if (fail_malloc)
        fail_malloc(w->fail_at);
    bool ok = session_send(w->session, k->given ? given : data, len, &way, taken);
    if (fail_malloc)
        fail_malloc(0);
    return ok;
}

static char *program_copy(const struct writer *w, size_t len)
{
    char *at = corpus_alloc(len + 1, 1);
    memcpy(at, w->of->data + w->own, len);
    return at;
}

/* Where the program has its bytes for the next try. What was there is gone, if it may be. */
static char *next_place(struct writer *w, char *at, size_t len, bool *is_null, bool *was_null)
{
    const struct kind *k = w->fake.kind;
    bool fresh = !w->fake.pending && !w->fake.done;
    *is_null = k->nulls && w->fake.pending && random_below(w->fake.random, 2);
    *was_null = *was_null || *is_null;
    if (!(k->moving || k->given || *is_null || fresh))
        return at;
    char *next = program_copy(w, len);
    memset(at, '#', len);
    free(at);
    return next;
}

/* One call of the program's, tried until it succeeds. */
static void write_some(struct writer *w, size_t len)
{
    char *at = program_copy(w, len);
    size_t taken = 0;
    bool is_null = false, was_null = false;
    if (w->fake.kind->record && len > w->fake.kind->record)
        len = w->fake.kind->record;
    while (!w->fake.why) {
        if (send_some(w, is_null ? NULL : at, is_null ? 0 : len, &taken)) {
            if (!taken)
                w->fake.why = "nothing was taken, and it did not fail";
            break;
        }
        if (taken)
            w->fake.why = "failed, and yet something was taken";
        if (!session_is_retry(w->session) && random_below(w->fake.random, 2))
            break; /* it is free to write something else */
        at = next_place(w, at, len, &is_null, &was_null);
    }
    /* Without ours in them, so many would have been taken; or fewer, where (NULL, 0) was given and
     * there was no memory for what it stands for. */
    size_t least = w->fake.kind->split && len > w->fake.fragment ? w->fake.fragment : len;
    if (w->fail_at && was_null)
        least = 1;
    if (!w->fake.why && taken && (taken > len || taken < least))
        w->fake.why = "a wrong count";
    w->own += w->fake.why ? 0 : taken;
    memset(at, '#', len);
    free(at);
}

static void hear(struct writer *w)
{
    for (; w->answered < w->of->answers; w->answered++) {
        const struct place *a = &w->of->answer[w->answered];
        if (a->at != w->own)
            return;
        session_received(w->session, a->text, a->len);
    }
}

static void judge(const struct writer *w, uint64_t seed)
{
    /* Where memory lacked, of ours nothing, or all. */
    if (!w->fake.why && strand_is_right(w->of, w->own, w->fake.out, w->fake.len, w->fail_at != 0))
        return;
    printf("%s: %s, seed %llu, malloc %ld: %s\n--- did\n%.*s\n", w->of->name, w->fake.kind->name,
           (unsigned long long)seed, w->fail_at, w->fake.why ? w->fake.why : "not what must go out",
           (int)w->fake.len, w->fake.out);
    exit(1);
}

static void pass(const struct strand *s, const struct kind *k, uint64_t seed, long fail_at)
{
    uint64_t random = seed * 1000003 + (uint64_t)fail_at;
    struct writer *w = corpus_alloc(1, sizeof *w);
    w->of = s;
    w->fake.kind = k;
    w->fake.random = &random;
    w->fake.refuse = (unsigned)random_below(&random, 7);
    w->fake.fragment = random_below(&random, 3) ? 16384 : 1 + random_below(&random, 300);
    w->fail_at = fail_at;
    w->session = session_new(CARRIER_OPENSSL);
    size_t step = random_below(&random, 3) ? 40 : s->len + 1;
    while (w->session && w->own < s->len && !w->fake.why) {
        hear(w);
        size_t stop = s->len, len = 1 + random_below(&random, step);
        if (w->answered < s->answers && s->answer[w->answered].at < stop)
            stop = s->answer[w->answered].at;
        write_some(w, len < stop - w->own ? len : stop - w->own);
    }
    judge(w, seed);
    session_free(w->session);
    free(w->fake.out);
    free(w);
}

int tool_session(int argc, char **argv)
{
    struct process_start start = { .propagate_baggage = true, .propagate_trace = true };
    const char *baggage = getenv("BAGGAGE"), *parent = getenv("TRACEPARENT");
    const char *state = getenv("TRACESTATE");
    if (argc != 4) {
        fprintf(stderr, "testtool session CORPUS SEEDS FAILURES   SEEDS passes of each stream and "
                        "kind of library,\n                                          and as many "
                        "with the 1st to FAILURES-th malloc failing\n");
        return 2;
    }
    const struct corpus c = corpus_read(argv[1]);
    unsigned long long passes = strtoull(argv[2], NULL, 10);
    long failures = strtol(argv[3], NULL, 10);
    *(void **)&fail_malloc = dlsym(RTLD_DEFAULT, "fail_malloc");
    start.baggage = span_of(baggage ? baggage : "");
    start.traceparent = span_of(parent ? parent : "");
    start.tracestate = span_of(state ? state : "");
    if (!process_start(&start) || (failures && !fail_malloc))
        return 2;
    for (size_t i = 0; i < c.count; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            for (unsigned long long seed = 1; seed <= passes; seed++)
                for (long fail = failures ? 1 : 0; fail <= failures; fail++)
                    pass(&c.strand[i], &kinds[k], seed, fail);
    printf("%zu streams, %llu calls\n", c.count, calls);
    return 0;
}
