/* The sending side: any stream, in any pieces, of which any part is taken. Whatever it is, the
 * bytes that went out are its own and whole pieces of ours, ours stand before a line end only, and
 * cutting elsewhere changes nothing. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carrier/sender.h"
#include "policy/draft.h"

#define MOST 8192 /* of a stream */

static const char trace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
static const char ours_all[] = "user-id=user-12345,tenant-id=abcde,k=v;p=1;q";

static void hold(bool what)
{
    if (!what)
        abort();
}

struct wire {
    char at[64 * MOST];
    size_t len;
    size_t ours;
};

static void put(struct wire *w, const char *at, size_t len)
{
    hold(len <= sizeof w->at - w->len);
    if (len)
        memcpy(w->at + w->len, at, len);
    w->len += len;
}

static void take(struct wire *w, const struct chunk *c, const char *own, size_t taken)
{
    struct span ours[LIMIT_MEMBERS * 2 + 16];
    size_t n = taken < c->before ? taken : c->before;
    put(w, own, n);
    taken -= n;
    size_t count = c->ours ? insertion_spans(&c->ins, ours, sizeof ours / sizeof *ours) : 0;
    hold(!c->ours || own[c->before] == '\r' || own[c->before] == '\n');
    for (size_t i = 0; i < count; i++) {
        n = ours[i].len < taken ? ours[i].len : taken;
        put(w, ours[i].at, n);
        w->ours += n;
        taken -= n;
    }
    put(w, own + c->before, taken);
}

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* What goes to everybody, so that whole requests need no judgement. */
static struct context *unjudged(void)
{
    static struct regime open = { .fixed = true, .watch = &http_watch_basic };
    static struct baggage list;
    const struct layer layer = { .list = &list };
    const struct trailing more = { .traceparent = span_of(trace), .by = &open };
    baggage_init(&list);
    baggage_parse(&list, span_of(ours_all));
    struct context *c = context_build(&layer, 1, &more);
    hold(c != NULL);
    return c;
}

/* `seed` 0: in one piece, all taken. */
static void run(const char *data, size_t len, uint64_t seed, bool judged, struct wire *w)
{
    struct sender s;
    struct peer peer = { 0 };
    struct first_line_desk desk = { 0 };
    struct sending how = { .peer = &peer,
                           .now = judged ? process_current() : unjudged(),
                           .desk = judged ? &desk : NULL };
    size_t own = 0;
    sender_init(&s, CARRIER_SOCKET);
    w->len = w->ours = 0;
    while (own < len) {
        struct chunk c;
        size_t step = seed ? 1 + next(&seed) % (next(&seed) % 4 ? 24 : MOST) : len;
        size_t all_own = step < len - own ? step : len - own;
        size_t part = seed && next(&seed) % 2 ? next(&seed) % (all_own + 1) : all_own;
        char *at = (char *)(uintptr_t)(data + own);
        struct iovec iov[] = { { at, part }, { at + part, all_own - part } };
        const struct source from = { .iov = iov, .count = 2 };
        sender_plan(&s, from, &how, &c);
        size_t all = c.before + c.ours + c.tail;
        hold(all > 0 && c.before + c.tail <= all_own && (c.ours || c.before == all_own));
        size_t taken = seed ? next(&seed) % (all + 1) : all;
        if (!taken)
            continue;
        take(w, &c, data + own, taken);
        size_t done = chunk_own(&c, taken);
        hold(done == sender_commit(&s, from, &how, &c, taken));
        own += done;
    }
    hold(w->len == len + w->ours);
    first_line_drop(&desk);
    context_release(how.now);
}

/* For some methods and paths, fewer members. */
static struct policy *rules(void)
{
    struct policy_draft *d = policy_draft_new();
    hold(d && !policy_draft_rule(d, 1) && !policy_draft_host(d, SPAN("*")) &&
         !policy_draft_method(d, SPAN("GET")) && !policy_draft_path(d, SPAN("/a/**")) &&
         !policy_draft_key(d, SPAN("user-id")) && !policy_draft_rule(d, 2) &&
         !policy_draft_host(d, SPAN("*")) && !policy_draft_key(d, SPAN("*")));
    return policy_freeze(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wire whole, cut;
    static bool started;
    if (!started) {
        started = process_start(&(struct process_start){
            .propagate_baggage = true,
            .propagate_trace = true,
            .policy = rules(),
            .baggage = span_of(ours_all),
            .traceparent = span_of(trace),
        });
        hold(started);
    }
    if (size < 2 || size > MOST)
        return 0;
    uint64_t seed = 1 + ((uint64_t)data[0] << 8 | data[1]);
    for (int judged = 0; judged <= 1; judged++) {
        run((const char *)data + 2, size - 2, 0, judged, &whole);
        run((const char *)data + 2, size - 2, seed, judged, &cut);
        hold(whole.len == cut.len && memcmp(whole.at, cut.at, whole.len) == 0);
    }
    return 0;
}
