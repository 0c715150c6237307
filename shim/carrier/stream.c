#include "carrier/stream.h"

#include "base/counters.h"
#include "base/hot.h"
#include "carrier/report.h"
#include "carrier/stream_state.h"

static void emptied(void *object)
{
    struct stream *s = object;
    context_release(s->held);
    s->held = NULL;
    claim_end(&s->claim);
    first_line_drop(&s->desk);
}

/* As many as descriptors are usual; untouched ones cost nothing. */
static struct stream first[1024];
HOT struct pool streams = { POOL_OVER(first, struct stream), .zeroed = sizeof(struct stream),
                            .emptied = emptied };

bool stream_reserve(size_t count)
{
    return pool_reserve(&streams, count);
}

uint64_t stream_open(const struct sockaddr *peer, socklen_t len, enum count_carrier carrier)
{
    uint64_t name;
    struct stream *s = pool_take(&streams, &name);
    if (!s) {
        count(COUNT_opaque_room);
        return 0;
    }
    peer_from(&s->peer, peer, len);
    sender_init(&s->sender, carrier);
    http_response_init(&s->answers);
    whose_connects(process_worker(), &s->mark);
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

/* Whoever is the first to give it up says why. */
static void darken(struct stream *s, enum count_opaque why)
{
    if (!atomic_exchange_explicit(&s->opaque, true, memory_order_acq_rel))
        report_opaque(COUNT_opaque_not_http, why);
}

/* The last request, if what is ours was not out, leaves as it is. */
static void count_unfinished(const struct sender *s)
{
    if (s->in_head ? !s->put : s->ins.kind != INSERT_NOTHING && !s->ins.again)
        count(COUNT_skipped_opaque);
}

static void go_dark(struct stream *s, enum count_opaque why)
{
    darken(s, why);
    count_unfinished(&s->sender);
    s->sender.in_head = false;
    http_request_give_up(&s->sender.http);
    s->sender.ins.kind = INSERT_NOTHING;
    s->sender.context = NULL;
    rehold(s);
    claim_end(&s->claim);
    first_line_drop(&s->desk);
}

static enum count_opaque why_dark(const struct stream *s)
{
    return report_dark(&s->sender.http, s->sender.requests);
}

/* Done with the sending side, and with the stream. True: it is opaque. */
static bool leave(struct stream *s)
{
    if (sender_is_opaque(&s->sender))
        go_dark(s, why_dark(s));
    bool opaque = atomic_load_explicit(&s->opaque, memory_order_relaxed);
    if (pool_leave_side(&streams, s, SIDE_OUT))
        return opaque;
    go_dark(s, OPAQUE_CONCURRENT);
    pool_leave(&streams, s);
    return true;
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
static void publish(struct stream *s, const struct chunk *after)
{
    unsigned asked = atomic_load_explicit(&s->asked, memory_order_relaxed);
    for (unsigned i = s->sender.requests; i != after->requests; i++) {
        unsigned back = after->requests - i - 1;
        unsigned method = back < SENDER_METHODS ? after->methods >> (2 * back) & 3 : HTTP_OTHER;
        atomic_store_explicit(&s->method[i % STREAM_ASKED], (unsigned char)method,
                              memory_order_relaxed);
    }
    if ((int)(after->requests - asked) > 0)
        atomic_store_explicit(&s->asked, after->requests, memory_order_release);
}

static unsigned outstanding(const struct stream *s)
{
    if (atomic_load_explicit(&s->deaf, memory_order_relaxed))
        return WHOSE_UNCOUNTED;
    return s->announced - atomic_load_explicit(&s->done, memory_order_relaxed);
}

/* Tells the rules of requests that begin. */
static void announce(struct stream *s, const struct stream_call *call)
{
    const struct claim *claim = claim_pending(&s->claim);
    const struct chunk *after = &call->chunk;
    struct worker other = { .now = claim ? claim->who : (struct whose){ 0 } };
    struct worker *w = claim ? &other : process_worker();
    if ((int)(s->sender.requests - s->announced) > 0)
        s->announced = s->sender.requests;
    for (; (int)(after->requests - s->announced) > 0;
         s->announced++) { /* an offer may be shorter */
        struct whose who = whose_writes(w, &s->mark, outstanding(s));
        if (!claim || claim->unwanted)
            report_association(who);
    }
}

bool stream_connected(uint64_t name, const struct sockaddr *peer, socklen_t len)
{
    bool fresh = false, mine;
    struct stream *s = pool_enter_side(&streams, name, SIDE_OUT, &mine);
    if (!s)
        return false;
    if (mine) {
        fresh = s->sender.requests == 0 && http_request_phase(&s->sender.http) == HTTP_BETWEEN;
        if (fresh) {
            peer_from(&s->peer, peer, len);
            whose_connects(process_worker(), &s->mark);
        }
        leave(s);
    } else {
        pool_leave(&streams, s);
    }
    return fresh;
}

void stream_begin(struct stream_call *call, uint64_t name, const struct iovec *iov, size_t count)
{
    call->name = name;
    call->left = (struct source){ .iov = iov, .count = count };
    call->how = (struct sending){ 0 };
    call->planned = false;
    call->opaque = false;
}

void stream_end(struct stream_call *call)
{
    context_release(call->how.now);
}

/* What the offer borrows from, but for what the call holds. */
static struct context *borrowed_by(const struct stream_call *call)
{
    const struct chunk *c = &call->chunk;
    return c->ours && c->ins.of != call->how.now ? (struct context *)(uintptr_t)c->ins.of : NULL;
}

static void look_for_context(struct stream_call *call, struct stream *s)
{
    struct whose who = { 0 };
    if (call->planned)
        return;
    call->planned = true;
    const struct claim *claim = claim_pending(&s->claim);
    if (claim && claim->lent) {
        call->how.now = context_hold(claim->lent);
        return;
    }
    if (process_is_server())
        who = whose_would_write(process_worker(), &s->mark);
    else
        who = whose_now(process_worker());
    call->how.now = process_context(who);
}

static void tell_rules(struct stream *s, const struct stream_call *call)
{
    announce(s, call);
    if (call->chunk.opaque)
        whose_writes(process_worker(), &s->mark, WHOSE_UNCOUNTED); /* no HTTP, as it turns out */
}

/* Where a head may begin. */
static void take_claim(struct stream_call *call, struct stream *s)
{
    if (s->sender.ins.kind == INSERT_NOTHING && http_request_phase(&s->sender.http) == HTTP_BETWEEN)
        claim_move(&s->claim, call->name);
    call->how.left_alone = s->claim.pending && !s->claim.lent;
}

static void plan_offer(struct stream_call *call, struct stream *s)
{
    call->how.peer = &s->peer; /* which nobody changes until the commit */
    hear_answer(s);
    take_claim(call, s);
    look_for_context(call, s); /* which may bring the first rules that ask for the line */
    call->how.desk =
        atomic_load_explicit(&process_asks_line, memory_order_relaxed) ? &s->desk : NULL;
    sender_plan(&s->sender, call->left, &call->how, &call->chunk);
    publish(s, &call->chunk);
    if (process_is_server())
        tell_rules(s, call);
    context_hold(borrowed_by(call));
    call->opaque = false;
}

/* Not HTTP, but requests may share it. */
static void write_unseen(struct stream_call *call, struct stream *s)
{
    if (!process_is_server())
        return;
    whose_writes(process_worker(), &s->mark, WHOSE_UNCOUNTED);
    call->opaque = false;
}

enum stream_plan stream_plan(struct stream_call *call)
{
    bool mine;
    struct stream *s = pool_enter_side(&streams, call->name, SIDE_OUT, &mine);
    call->opaque = true;
    if (!s)
        return STREAM_PASS;
    bool opaque = atomic_load_explicit(&s->opaque, memory_order_acquire);
    if (mine && !opaque) {
        plan_offer(call, s);
        pool_leave(&streams, s);
        return STREAM_OFFER;
    }
    if (opaque)
        write_unseen(call, s);
    else
        darken(s, OPAQUE_CONCURRENT);
    pool_leave_sided(&streams, s, SIDE_OUT, mine);
    return STREAM_PASS;
}

/* What was put in is counted when the last byte of it is out. */
static void count_sent(struct stream *s, const struct stream_call *call, unsigned begun,
                       size_t taken)
{
    const struct claim *claim = claim_pending(&s->claim);
    const struct chunk *c = &call->chunk;
    if (begun)
        s->is_lent = claim && claim->lent;
    enum count_carrier carrier = s->is_lent ? CARRIER_CURL : (enum count_carrier)s->sender.carrier;
    if (begun && (!claim || claim->unwanted || claim->lent))
        count_add((enum counter)(COUNT_requests_curl + carrier), begun);
    if (begun && claim && claim->unwanted)
        count_add(COUNT_skipped_left_alone, begun);
    if (!c->ours || taken < c->before + c->ours)
        return;
    if (!c->ins.again)
        count_by(COUNT_injected_curl, carrier);
    count_add(COUNT_added_bytes, insertion_len(&c->ins));
    if (c->ins.kind == INSERT_MERGE)
        count(COUNT_merged);
}

/* A request that another carrier cares for has begun: the connection is its library's, and so is
 * every further request on it, if none is to be lent. Only the rules still want to hear of them,
 * and who counts bytes. */
static bool is_given_away(const struct stream *s, const struct claim *claim, unsigned begun)
{
    return begun && claim && !claim->place && s->sender.ins.kind == INSERT_NOTHING &&
           !process_is_server() && !bill_wanted();
}

/* Before the first line of a request is complete, it is not known to be one. */
static bool before_request(const struct stream *s)
{
    return http_request_phase(&s->sender.http) == HTTP_BETWEEN ||
           atomic_load_explicit(&s->bill.early, memory_order_relaxed);
}

static void bill_sent(struct stream *s, const struct stream_call *call, unsigned begun,
                      bool boundary, size_t taken)
{
    const struct claim *claim = claim_pending(&s->claim);
    if (begun && claim)
        bill_take(&s->bill, &claim->bill);
    for (unsigned i = 0; i < begun && !claim; i++)
        bill_begin(&s->bill, call->how.now, ATTRIBUTED_OUT);
    bill_pass(&s->bill, ATTRIBUTED_OUT_BYTES, taken, boundary, begun);
}

size_t stream_commit(struct stream_call *call, size_t taken)
{
    struct stream *s = pool_enter(&streams, call->name);
    size_t own = chunk_own(&call->chunk, taken);
    if (s) {
        unsigned requests = s->sender.requests;
        bool boundary = bill_wanted() && before_request(s);
        const struct sender_tally before = s->sender.tally;
        if (taken && !atomic_load_explicit(&s->opaque, memory_order_acquire))
            sender_commit(&s->sender, call->left, &call->how, &call->chunk, taken);
        unsigned begun = s->sender.requests - requests;
        count_sent(s, call, begun, taken);
        if (s->sender.tally.changes != before.changes)
            report_tally(&before, &s->sender.tally);
        if (bill_wanted())
            bill_sent(s, call, begun, boundary, taken);
        bool given_away = is_given_away(s, claim_pending(&s->claim), begun);
        if (begun && s->claim.pending)
            claim_used(&s->claim, call->name);
        rehold(s);
        if (s->desk.store && !s->sender.line.kept)
            first_line_drop(&s->desk);
        if (given_away)
            go_dark(s, OPAQUE_LEFT);
        call->opaque = leave(s) && !process_is_server();
    }
    context_release(borrowed_by(call));
    source_advance(&call->left, own);
    return own;
}

void stream_skipped(uint64_t name, size_t count)
{
    bool mine;
    struct stream *s = pool_enter_side(&streams, name, SIDE_OUT, &mine);
    if (!s)
        return;
    if (mine) {
        hear_answer(s);
        http_request_skip(&s->sender.http, count);
        if (s->sender.ins.kind != INSERT_NOTHING)
            go_dark(s, OPAQUE_UNSEEN);
        leave(s);
    } else {
        darken(s, OPAQUE_CONCURRENT);
        pool_leave(&streams, s);
    }
}

void stream_give_up(uint64_t name)
{
    struct stream *s = pool_enter(&streams, name);
    if (!s)
        return;
    darken(s, OPAQUE_UNSEEN);
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
