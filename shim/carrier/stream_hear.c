/* The receiving side of an outbound stream: what answers tell of the requests to come. */
#include "carrier/stream_state.h"

static void give_up_hearing(struct stream *s)
{
    http_response_give_up(&s->answers);
    atomic_store_explicit(&s->deaf, true, memory_order_relaxed);
}

static void learn_requests(struct stream *s)
{
    unsigned asked = atomic_load_explicit(&s->asked, memory_order_acquire);
    unsigned heard = atomic_load_explicit(&s->heard, memory_order_relaxed);
    if (asked - heard > STREAM_ASKED)
        give_up_hearing(s);
    for (; heard != asked; heard++)
        http_response_expect(&s->answers, atomic_load_explicit(&s->method[heard % STREAM_ASKED],
                                                               memory_order_relaxed));
    atomic_store_explicit(&s->heard, heard, memory_order_relaxed);
}

/* The number of requests with a whole answer. */
static unsigned answered(const struct stream *s)
{
    return atomic_load_explicit(&s->heard, memory_order_relaxed) -
           http_response_outstanding(&s->answers);
}

/* The answer to this request, counted from 1, has this status. */
static void post_answer(struct stream *s, uint64_t number, unsigned status)
{
    atomic_store_explicit(&s->answer, number << 32 | status, memory_order_release);
}

/* Most answers come in one piece, or their heads do. Returns what is left. */
static struct span feed_whole(struct stream *s, struct span in)
{
    struct http_whole_response whole;
    size_t used = http_response_whole(&s->answers, in, &whole);
    if (used)
        post_answer(s, answered(s) + !whole.done, whole.status);
    return span_make(in.at + used, in.len - used);
}

static void feed(struct stream *s, struct span in)
{
    struct http_piece piece;
    if (in.len && !(in = feed_whole(s, in)).len)
        return;
    do {
        size_t used = http_response_next(&s->answers, in, &piece);
        in = span_make(in.at + used, in.len - used);
        if (piece.event == HTTP_STATUS)
            post_answer(s, answered(s) + 1, piece.status);
    } while (piece.event != HTTP_MORE && piece.event != HTTP_OPAQUE);
    if (piece.event != HTTP_OPAQUE)
        return;
    if (!piece.upgrade && atomic_load_explicit(&s->asked, memory_order_relaxed))
        count(COUNT_parse_response);
    atomic_store_explicit(&s->deaf, true, memory_order_relaxed);
}

static void feed_all(struct stream *s, const struct iovec *iov, size_t count, size_t bytes)
{
    if (!iov) {
        http_response_skip(&s->answers, bytes);
        feed(s, SPAN("")); /* it may have been the end */
    }
    for (size_t i = 0; iov && i < count && bytes; i++) {
        size_t len = iov[i].iov_len < bytes ? iov[i].iov_len : bytes;
        feed(s, span_make(iov[i].iov_base, len));
        bytes -= len;
    }
    atomic_store_explicit(&s->done, answered(s), memory_order_relaxed);
}

static void hear(struct stream *s, const struct iovec *iov, size_t count, size_t bytes,
                 unsigned writes)
{
    if (!atomic_load_explicit(&s->deaf, memory_order_relaxed))
        learn_requests(s);
    bool deaf = atomic_load_explicit(&s->deaf, memory_order_relaxed);
    bool counted = !deaf && !atomic_load_explicit(&s->opaque, memory_order_relaxed);
    if (process_is_server())
        whose_hears(process_worker(), &s->mark,
                    counted ? http_response_outstanding(&s->answers) : WHOSE_UNCOUNTED, writes);
    if (!deaf)
        feed_all(s, iov, count, bytes);
}

uint64_t stream_open_opaque(void)
{
    uint64_t name = stream_open(NULL, 0, CARRIER_SOCKET);
    struct stream *s = name ? pool_enter(&streams, name) : NULL;
    if (!s)
        return 0;
    atomic_store(&s->opaque, true);
    pool_leave(&streams, s);
    return name;
}

unsigned stream_writes(uint64_t name)
{
    struct stream *s = process_is_server() ? pool_enter(&streams, name) : NULL;
    if (!s)
        return 0;
    unsigned writes = atomic_load_explicit(&s->mark.writes, memory_order_acquire);
    pool_leave(&streams, s);
    return writes;
}

void stream_received(uint64_t name, const struct iovec *iov, size_t count, size_t bytes,
                     unsigned writes)
{
    bool mine;
    struct stream *s = pool_enter_side(&streams, name, SIDE_IN, &mine);
    if (!s)
        return;
    if (bill_wanted())
        bill_add(&s->bill, ATTRIBUTED_OUT_ANSWERS, bytes);
    if (mine)
        hear(s, iov, count, bytes, writes);
    pool_leave_sided(&streams, s, SIDE_IN, mine);
}
