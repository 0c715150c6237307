#include "carrier/stream.h"

#include "base/hot.h"
#include "base/pool.h"
#include "http/response.h"

/* A side of a stream is used by one call at a time. */
enum { SIDE_IDLE, SIDE_BUSY, SIDE_SPOILED };

#define ASKED 64 /* requests on their way to the receiving side; a power of two */

struct stream {
    struct pool_head head;
    atomic_uint out, in; /* SIDE_ */
    atomic_bool opaque;  /* of the sending side */
    struct peer peer;
    struct sender sender;         /* of who holds `out` */
    struct context *held;         /* what `sender` borrows from */
    struct http_response answers; /* of who holds `in` */

    /* From the sending to the receiving side: the methods of requests, in order. */
    atomic_uint asked, heard;
    atomic_uchar method[ASKED];
    /* And back: 1 + the number of the request that was answered, and how; 0: nothing. */
    _Atomic(uint64_t) answer;
    uint64_t answer_seen;
};

_Static_assert(sizeof(struct stream) <= 1024, "a tracked connection costs 1 KB at most");

static void emptied(void *object)
{
    struct stream *s = object;
    context_release(s->held);
    s->held = NULL;
}

/* As many as descriptors are usual; untouched ones cost nothing. */
static struct stream first[1024];
static HOT struct pool streams = { POOL_OVER(first, struct stream), .zeroed = sizeof(struct stream),
                                   .emptied = emptied };

static _Thread_local bool claimed;

void stream_claim(void)
{
    claimed = true;
}

void stream_unclaim(void)
{
    claimed = false;
}

bool stream_reserve(size_t count)
{
    return pool_grow(&streams, count);
}

size_t stream_room(void)
{
    return pool_room(&streams);
}

uint64_t stream_open(const struct sockaddr *peer, socklen_t len, bool over_tls)
{
    uint64_t name;
    struct stream *s = pool_take(&streams, &name);
    if (!s)
        return 0;
    peer_from(&s->peer, peer, len);
    sender_init(&s->sender, over_tls);
    http_response_init(&s->answers);
    return name;
}

bool stream_share(uint64_t name)
{
    return pool_share(&streams, name);
}

void stream_drop(uint64_t name)
{
    pool_drop(&streams, name);
}

/* --- the sending side ------------------------------------------------------------------------- */

static bool side_take(atomic_uint *side)
{
    unsigned idle = SIDE_IDLE;
    if (atomic_compare_exchange_strong(side, &idle, SIDE_BUSY))
        return true;
    atomic_store(side, SIDE_SPOILED); /* for ever, if the other one never comes back */
    return false;
}

/* False: somebody else came by meanwhile. */
static bool side_leave(atomic_uint *side)
{
    unsigned busy = SIDE_BUSY;
    return atomic_compare_exchange_strong(side, &busy, SIDE_IDLE);
}

/* The reference that the sender's borrowed context needs, and no other. */
static void rehold(struct stream *s)
{
    const struct sender *now = &s->sender;
    struct context *wanted = now->context;
    if (!wanted && now->ins.kind != INSERT_NOTHING)
        wanted = (struct context *)(uintptr_t)now->ins.of;
    if (wanted == s->held)
        return;
    context_hold(wanted);
    context_release(s->held);
    s->held = wanted;
}

static void go_dark(struct stream *s)
{
    http_request_give_up(&s->sender.http);
    s->sender.ins.kind = INSERT_NOTHING;
    s->sender.context = NULL;
    rehold(s);
    atomic_store_explicit(&s->opaque, true, memory_order_release);
}

/* What the receiving side saw of the last request's answer. */
static void hear_answer(struct stream *s)
{
    uint64_t answer = atomic_load_explicit(&s->answer, memory_order_acquire);
    if (answer == s->answer_seen)
        return;
    s->answer_seen = answer;
    if ((unsigned)(answer >> 32) == s->sender.requests)
        http_request_answer(&s->sender.http, (unsigned)(answer & 0xffff));
}

/* Tells the receiving side of requests before their bytes can be answered. Some may have been told
 * of before, by a call whose bytes were not taken; that many need not come this time. */
static void publish(struct stream *s, const struct sender *after)
{
    unsigned asked = atomic_load_explicit(&s->asked, memory_order_relaxed);
    for (unsigned i = s->sender.requests; i != after->requests; i++) {
        unsigned back = after->requests - i - 1;
        unsigned method = back < SENDER_METHODS ? after->methods >> (2 * back) & 3 : HTTP_OTHER;
        atomic_store_explicit(&s->method[i % ASKED], (unsigned char)method, memory_order_relaxed);
    }
    if ((int)(after->requests - asked) > 0)
        atomic_store_explicit(&s->asked, after->requests, memory_order_release);
}

bool stream_connected(uint64_t name, const struct sockaddr *peer, socklen_t len)
{
    struct stream *s = pool_enter(&streams, name);
    bool fresh = false;
    if (!s)
        return false;
    if (side_take(&s->out)) {
        fresh = s->sender.requests == 0 && http_request_phase(&s->sender.http) == HTTP_BETWEEN;
        if (fresh)
            peer_from(&s->peer, peer, len);
        if (!side_leave(&s->out))
            go_dark(s);
    }
    pool_leave(&streams, s);
    return fresh;
}

void stream_begin(struct stream_call *call, uint64_t name, const struct iovec *iov, size_t count)
{
    call->name = name;
    call->left = (struct source){ .iov = iov, .count = count };
    call->how = (struct sending){ .peer = &call->peer, .left_alone = claimed };
    call->how.now = process_current();
    call->opaque = false;
}

void stream_end(struct stream_call *call)
{
    context_release(call->how.now);
}

static struct context *borrowed_by(const struct chunk *c)
{
    return c->ours ? (struct context *)(uintptr_t)c->ins.of : NULL;
}

enum stream_plan stream_plan(struct stream_call *call)
{
    struct stream *s = pool_enter(&streams, call->name);
    enum stream_plan plan = STREAM_PASS;
    call->opaque = true;
    if (!s)
        return STREAM_PASS;
    if (atomic_load_explicit(&s->opaque, memory_order_acquire)) {
        plan = STREAM_PASS;
    } else if (side_take(&s->out)) {
        call->peer = s->peer;
        hear_answer(s);
        sender_plan(&s->sender, call->left, &call->how, &call->chunk);
        publish(s, &call->chunk.after);
        context_hold(borrowed_by(&call->chunk));
        call->opaque = false;
        plan = STREAM_OFFER;
    } else {
        atomic_store_explicit(&s->opaque, true, memory_order_release);
    }
    pool_leave(&streams, s);
    return plan;
}

size_t stream_commit(struct stream_call *call, size_t taken)
{
    struct stream *s = pool_enter(&streams, call->name);
    size_t own = chunk_own(&call->chunk, taken);
    if (s) {
        unsigned requests = s->sender.requests;
        if (taken && !atomic_load_explicit(&s->opaque, memory_order_acquire))
            sender_commit(&s->sender, call->left, &call->how, &call->chunk, taken);
        if (requests != s->sender.requests)
            claimed = false;
        rehold(s);
        if (!side_leave(&s->out) || sender_is_opaque(&s->sender))
            go_dark(s);
        call->opaque = atomic_load_explicit(&s->opaque, memory_order_relaxed);
        pool_leave(&streams, s);
    }
    context_release(borrowed_by(&call->chunk));
    source_advance(&call->left, own);
    return own;
}

void stream_skipped(uint64_t name, size_t count)
{
    struct stream *s = pool_enter(&streams, name);
    if (!s)
        return;
    if (side_take(&s->out)) {
        hear_answer(s);
        http_request_skip(&s->sender.http, count);
        if (s->sender.ins.kind != INSERT_NOTHING || !side_leave(&s->out) ||
            sender_is_opaque(&s->sender))
            go_dark(s);
    } else {
        atomic_store_explicit(&s->opaque, true, memory_order_release);
    }
    pool_leave(&streams, s);
}

void stream_give_up(uint64_t name)
{
    struct stream *s = pool_enter(&streams, name);
    if (!s)
        return;
    atomic_store_explicit(&s->opaque, true, memory_order_release);
    pool_leave(&streams, s);
}

bool stream_is_opaque(uint64_t name)
{
    struct stream *s = pool_enter(&streams, name);
    if (!s)
        return true;
    bool opaque = atomic_load_explicit(&s->opaque, memory_order_acquire);
    pool_leave(&streams, s);
    return opaque;
}

/* --- the receiving side ----------------------------------------------------------------------- */

static void learn_requests(struct stream *s)
{
    unsigned asked = atomic_load_explicit(&s->asked, memory_order_acquire);
    unsigned heard = atomic_load_explicit(&s->heard, memory_order_relaxed);
    if (asked - heard > ASKED)
        http_response_give_up(&s->answers);
    for (; heard != asked; heard++)
        http_response_expect(&s->answers,
                             atomic_load_explicit(&s->method[heard % ASKED], memory_order_relaxed));
    atomic_store_explicit(&s->heard, heard, memory_order_relaxed);
}

static void post_answer(struct stream *s, unsigned status)
{
    unsigned heard = atomic_load_explicit(&s->heard, memory_order_relaxed);
    uint64_t number = heard - http_response_outstanding(&s->answers) + 1;
    atomic_store_explicit(&s->answer, number << 32 | status, memory_order_release);
}

static void feed(struct stream *s, struct span in)
{
    struct http_piece piece;
    do {
        size_t used = http_response_next(&s->answers, in, &piece);
        in = span_make(in.at + used, in.len - used);
        if (piece.event == HTTP_STATUS)
            post_answer(s, piece.status);
    } while (piece.event != HTTP_MORE && piece.event != HTTP_OPAQUE);
}

void stream_received(uint64_t name, const struct iovec *iov, size_t count, size_t bytes)
{
    struct stream *s = pool_enter(&streams, name);
    if (!s)
        return;
    if (side_take(&s->in)) {
        learn_requests(s);
        if (!iov)
            http_response_skip(&s->answers, bytes);
        for (size_t i = 0; iov && i < count && bytes; i++) {
            size_t len = iov[i].iov_len < bytes ? iov[i].iov_len : bytes;
            feed(s, span_make(iov[i].iov_base, len));
            bytes -= len;
        }
        side_leave(&s->in);
    }
    pool_leave(&streams, s);
}
