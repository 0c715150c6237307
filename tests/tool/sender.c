/* The sending side alone: every stream of a corpus (tests/lib/adversary.py), cut in every way, with
 * every part of an offer taken, against what the corpus says must go out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../apps/adversary-corpus.h"
#include "carrier/sender.h"
#include "tool.h"

/* One pass of one stream. */
struct pass {
    const struct strand *of;
    struct sender sender;
    struct sending how;
    struct peer peer;
    size_t own;      /* of the stream's bytes that went out */
    size_t answered; /* answers that came back */
    char *wire;      /* what went out */
    size_t wire_len;
    size_t room;
    uint64_t *random; /* pieces of memory at random; NULL: one */
    const char *why;  /* it failed */
};

static unsigned long long cuts;

static size_t room_for(const struct strand *s)
{
    return 2 * strand_wire_len(s, s->len) + 65536;
}

static void begin(struct pass *p, const struct strand *s, char *wire, uint64_t *random)
{
    *p = (struct pass){ .of = s, .wire = wire, .random = random };
    p->room = room_for(s);
    p->how.peer = &p->peer;
    p->how.now = process_current();
    sender_init(&p->sender, CARRIER_SOCKET);
}

static void end(struct pass *p)
{
    context_release(p->how.now);
}

static void put(struct pass *p, const char *at, size_t len)
{
    if (len > p->room - p->wire_len) {
        p->why = "far too much goes out";
        return;
    }
    memcpy(p->wire + p->wire_len, at, len);
    p->wire_len += len;
}

/* The first `taken` bytes of an offer go out. */
static void take(struct pass *p, const struct chunk *c, size_t taken)
{
    const char *own = p->of->data + p->own;
    struct span ours[LIMIT_MEMBERS * 2 + 16];
    size_t n = taken < c->before ? taken : c->before;
    put(p, own, n);
    taken -= n;
    size_t spans = insertion_spans(&c->ins, ours, sizeof ours / sizeof *ours), len = 0;
    for (size_t i = 0; i < spans && c->ours; i++) {
        n = ours[i].len < taken ? ours[i].len : taken;
        put(p, ours[i].at, n);
        taken -= n;
        len += ours[i].len;
    }
    if (c->ours && len != c->ours)
        p->why = "the length of ours is not what its pieces are";
    put(p, own + c->before, taken);
}

/* The bytes from `own` to `until`, as one or many vectors. */
static size_t vectors(struct pass *p, size_t until, struct iovec *iov, size_t max)
{
    size_t at = p->own, used = 0;
    while (at < until && used < max) {
        size_t len = until - at;
        if (p->random && used + 1 < max)
            len = random_below(p->random, len < 40 ? len + 1 : 40);
        iov[used++] = (struct iovec){ .iov_base = p->of->data + at, .iov_len = len };
        at += len;
    }
    return used;
}

/* One offer of what is left up to `until`; at most `most` bytes are taken of it. */
static void offer(struct pass *p, size_t until, size_t most)
{
    struct iovec iov[32];
    struct chunk c;
    struct source from = { .iov = iov, .count = vectors(p, until, iov, 32) };
    size_t have = source_len(&from);
    sender_plan(&p->sender, from, &p->how, &c);
    size_t all = c.before + c.ours + c.tail, taken = all < most ? all : most;
    if (c.before + c.tail > have || (!c.ours && c.before != have) || all == 0)
        p->why = "the offer is not the rest";
    if (p->why || !taken)
        return;
    cuts++;
    take(p, &c, taken);
    size_t expected = chunk_own(&c, taken);
    size_t own = sender_commit(&p->sender, from, &p->how, &c, taken);
    if (own != expected || own > taken)
        p->why = "chunk_own and sender_commit differ";
    p->own += own;
}

static void hear(struct pass *p)
{
    for (; p->answered < p->of->answers; p->answered++) {
        const struct place *a = &p->of->answer[p->answered];
        if (a->at != p->own)
            return;
        for (const char *at = a->text; at && *at;) {
            unsigned status = 0, length = 0;
            if (sscanf(at, "HTTP/1.1 %u", &status) == 1)
                http_request_answer(&p->sender.http, status);
            const char *body = strstr(at, "\r\n\r\n");
            const char *says = strstr(at, "Content-Length: ");
            if (says && says < body)
                sscanf(says, "Content-Length: %u", &length);
            at = body + 4 + length;
        }
    }
}

/* Sends up to `until`, never across an answer; each offer is taken up to `most` bytes (0: at
 * random). */
static void send_until(struct pass *p, size_t until, size_t most)
{
    while (p->own < until && !p->why) {
        hear(p);
        size_t stop = until;
        if (p->answered < p->of->answers && p->of->answer[p->answered].at < stop)
            stop = p->of->answer[p->answered].at;
        size_t n = most ? most : random_below(p->random, 30);
        offer(p, stop, n);
    }
}

static void judge(struct pass *p, const char *how, size_t a, size_t b)
{
    size_t len = strand_wire_len(p->of, p->own);
    char *expected = strand_wire(p->of, p->own);
    if (!p->why && (len != p->wire_len || memcmp(expected, p->wire, len) != 0))
        p->why = "not what must go out";
    if (p->why) {
        printf("%s: %s: %s %zu %zu\n--- must\n%.*s\n--- did\n%.*s\n", p->of->name, p->why, how, a,
               b, (int)len, expected, (int)p->wire_len, p->wire);
        exit(1);
    }
    free(expected);
    end(p);
}

/* The program cuts at `cut`, the kernel takes `first` of the first offer, and all later on. */
static void two_calls(const struct strand *s, char *wire, size_t cut, size_t first)
{
    struct pass p;
    begin(&p, s, wire, NULL);
    hear(&p);
    if (cut && first && s->answers == 0)
        offer(&p, cut, first);
    send_until(&p, cut, SIZE_MAX);
    send_until(&p, s->len, SIZE_MAX);
    judge(&p, "cut, taken", cut, first);
}

static void equal_parts(const struct strand *s, char *wire, size_t part)
{
    struct pass p;
    begin(&p, s, wire, NULL);
    send_until(&p, s->len, part);
    judge(&p, "at most", part, 0);
}

static void random_parts(const struct strand *s, char *wire, uint64_t seed)
{
    struct pass p;
    uint64_t random = seed;
    begin(&p, s, wire, &random);
    while (p.own < s->len && !p.why) {
        size_t step = 1 + random_below(&random, random_below(&random, 4) ? 20 : s->len);
        send_until(&p, p.own + step < s->len ? p.own + step : s->len, 0);
    }
    judge(&p, "seed", seed, 0);
}

/* A stream that ends early. */
static void half(const struct strand *s, char *wire, size_t until)
{
    struct pass p;
    begin(&p, s, wire, NULL);
    send_until(&p, until, SIZE_MAX);
    judge(&p, "ends after", until, 0);
}

static void everything(const struct strand *s, size_t thorough, uint64_t seeds)
{
    size_t len = strand_wire_len(s, s->len);
    char *wire = corpus_alloc(room_for(s), 1);
    bool small = len <= thorough;
    size_t step = small ? 1 : len / (len < 4096 ? 50 : 8) + 1;
    for (size_t cut = 0; cut <= s->len; cut += step) {
        half(s, wire, cut);
        for (size_t first = small ? 0 : 1; first <= len; first += small ? 1 : len / 6 + 1)
            two_calls(s, wire, cut, first);
    }
    for (size_t part = len < 4096 ? 1 : 700; part < len; part += part < 64 ? 1 : len / 8 + 1)
        equal_parts(s, wire, part);
    for (uint64_t seed = 1; seed <= seeds; seed++)
        random_parts(s, wire, seed);
    free(wire);
}

int tool_sender(int argc, char **argv)
{
    struct process_start start = { .propagate_baggage = true, .propagate_trace = true };
    if (argc != 4) {
        fprintf(stderr,
                "testtool sender CORPUS THOROUGH SEEDS   all pairs of cut and part taken up "
                "to THOROUGH bytes\n");
        return 2;
    }
    const struct corpus c = corpus_read(argv[1]);
    const char *baggage = getenv("BAGGAGE"), *parent = getenv("TRACEPARENT");
    const char *state = getenv("TRACESTATE");
    start.baggage = span_of(baggage ? baggage : "");
    start.traceparent = span_of(parent ? parent : "");
    start.tracestate = span_of(state ? state : "");
    if (!process_start(&start))
        return 2;
    for (size_t i = 0; i < c.count; i++)
        everything(&c.strand[i], strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
    printf("%zu streams, %llu cuts\n", c.count, cuts);
    return 0;
}
