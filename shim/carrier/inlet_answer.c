/* The sending side of an inbound connection: requests end when they are answered (R6). */
#include "carrier/inlet_state.h"

uint64_t inlet_front(const struct inlet *s)
{
    unsigned ended = atomic_load_explicit(&s->ended, memory_order_acquire);
    if (ended == atomic_load_explicit(&s->begun, memory_order_acquire))
        return 0;
    return atomic_load_explicit(&s->turn[ended % INLET_TURNS], memory_order_relaxed);
}

/* The first request that is not answered is over (R6). */
bool inlet_end_front(struct inlet *s)
{
    unsigned ended = atomic_load_explicit(&s->ended, memory_order_acquire);
    if (ended == atomic_load_explicit(&s->begun, memory_order_acquire))
        return false;
    uint64_t name = atomic_load_explicit(&s->turn[ended % INLET_TURNS], memory_order_relaxed);
    if (atomic_compare_exchange_strong(&s->ended, &ended, ended + 1)) {
        whose_ended(name);
        request_end(name);
    }
    return true;
}

void inlet_end_all(struct inlet *s)
{
    while (inlet_end_front(s))
        ;
}

static void learn_requests(struct inlet *s)
{
    unsigned begun = atomic_load_explicit(&s->begun, memory_order_acquire);
    for (; s->expected != begun; s->expected++)
        http_response_expect(&s->tells, atomic_load_explicit(&s->methods[s->expected % INLET_TURNS],
                                                             memory_order_relaxed));
}

/* This answer is the last of HTTP: what is said from then on is of no request (R6). */
static bool ends_http(const struct inlet *s, unsigned status)
{
    unsigned ended = atomic_load_explicit(&s->ended, memory_order_relaxed);
    unsigned method = atomic_load_explicit(&s->methods[ended % INLET_TURNS], memory_order_relaxed);
    return status == 101 || (method == HTTP_CONNECT && status / 100 == 2);
}

/* After a 100 or a 103 the work is still before the thread. */
static void answers(const void *reader, bool is_final)
{
    if (is_final || reader != process_worker())
        whose_answers(process_worker(), reader);
}

static void at_answer(struct inlet *s, const struct http_piece *p)
{
    uint64_t number = atomic_load_explicit(&s->ended, memory_order_relaxed) + 1;
    if (p->event == HTTP_STATUS) {
        s->switches = ends_http(s, p->status);
        answers(request_reader(inlet_front(s)), p->status >= 200 || s->switches);
        atomic_store_explicit(&s->answer, number << 32 | p->status, memory_order_release);
    } else if (p->event == HTTP_DONE) {
        inlet_end_front(s);
        whose_answered(process_worker(), s->name, inlet_front(s));
    }
}

/* Behind an accepted upgrade or CONNECT, too, nothing is known. */
static void go_deaf(struct inlet *s)
{
    http_response_give_up(&s->tells);
    atomic_store_explicit(&s->deaf, true, memory_order_release);
}

/* Most answers go in one piece, or their heads do. Returns what is left. */
static struct span tell_whole(struct inlet *s, struct span in)
{
    struct http_whole_response whole;
    size_t used = http_response_whole(&s->tells, in, &whole);
    if (used)
        at_answer(s, &(struct http_piece){ .event = HTTP_STATUS, .status = whole.status });
    if (used && whole.done)
        at_answer(s, &(struct http_piece){ .event = HTTP_DONE });
    return span_make(in.at + used, in.len - used);
}

static void tell(struct inlet *s, struct span in)
{
    struct http_piece piece;
    if (in.len && !(in = tell_whole(s, in)).len)
        return;
    do {
        size_t used = http_response_next(&s->tells, in, &piece);
        in = span_make(in.at + used, in.len - used);
        at_answer(s, &piece);
    } while (piece.event != HTTP_MORE && piece.event != HTTP_OPAQUE);
    if (piece.event != HTTP_OPAQUE)
        return;
    go_deaf(s);
    if (s->switches)
        inlet_end_all(s);
}

static void take_out(struct inlet *s, const struct iovec *iov, size_t count, size_t bytes)
{
    if (atomic_load_explicit(&s->deaf, memory_order_relaxed))
        return;
    learn_requests(s);
    if (!iov) {
        http_response_skip(&s->tells, bytes);
        tell(s, SPAN("")); /* it may have been the end */
    }
    for (size_t i = 0; iov && i < count && bytes; i++) {
        size_t len = iov[i].iov_len < bytes ? iov[i].iov_len : bytes;
        tell(s, span_make(iov[i].iov_base, len));
        bytes -= len;
    }
}

void inlet_sent(uint64_t name, const struct iovec *iov, size_t count, size_t bytes)
{
    bool mine;
    if (inlet_used_unmarked(name))
        return;
    struct inlet *s = pool_enter_side(&inlets, name, SIDE_OUT, &mine);
    if (!s)
        return;
    if (atomic_load_explicit(&s->passed_over, memory_order_acquire)) {
        inlet_use(s);
    } else {
        atomic_store_explicit(&s->wrote, true, memory_order_relaxed);
        if (bill_wanted())
            bill_add(&s->bill, ATTRIBUTED_IN_ANSWERS, bytes);
        if (mine)
            take_out(s, iov, count, bytes);
    }
    if (mine && pool_leave_side(&inlets, s, SIDE_OUT))
        return;
    atomic_store_explicit(&s->deaf, true, memory_order_release);
    pool_leave(&inlets, s);
}

void inlet_ended(uint64_t name)
{
    bool mine;
    struct inlet *s = pool_enter_side(&inlets, name, SIDE_OUT, &mine);
    if (!s)
        return;
    if (mine) {
        go_deaf(s);
        inlet_end_all(s);
    }
    pool_leave_sided(&inlets, s, SIDE_OUT, mine);
}
