#include "base/hot.h"
#include "carrier/report.h"
#include "carrier/inlet_state.h"

void (*inlet_leaves_set)(uint64_t name, uint64_t set);

/* What was read of a head waits for the end of the connection: somebody may be adding to it. */
static void go_dark(struct inlet *s, enum count_opaque why)
{
    if (atomic_exchange(&s->dark, true))
        return;
    whose_obscured();
    if (!s->is_guess)
        report_opaque(COUNT_inbound_opaque_not_http, why);
}

static enum count_opaque why_dark(const struct inlet *s)
{
    return report_dark(&s->asks, atomic_load_explicit(&s->begun, memory_order_relaxed));
}

/* Nobody is inside, and nobody will be. */
static void emptied(void *object)
{
    struct inlet *s = object;
    uint64_t set = atomic_load(&s->set);
    inlet_end_all(s);
    inlet_let_regime_go(s);
    capture_free(s->fields);
    if (atomic_load(&s->dark))
        whose_cleared();
    if (set && inlet_leaves_set)
        inlet_leaves_set(s->name, set);
}

/* For as many descriptors as are usual, each with a TLS session over it. */
static struct inlet first[2048];
HOT struct pool inlets = { POOL_OVER(first, struct inlet),
                           .zeroed = offsetof(struct inlet, unmarked), .emptied = emptied };

bool inlet_reserve(size_t count)
{
    return pool_reserve(&inlets, count);
}

/* A connection will not be followed, and nobody will say when it is gone. */
static void run_short(void)
{
    static atomic_bool known;
    if (!atomic_exchange(&known, true))
        whose_obscured();
}

uint64_t inlet_open(uint64_t beneath)
{
    uint64_t name = 0;
    struct inlet *s = pool_take(&inlets, &name);
    if (!s) {
        count(COUNT_inbound_opaque_room);
        run_short();
        return 0;
    }
    s->name = beneath ? beneath : name;
    atomic_store_explicit(&s->unmarked, false, memory_order_relaxed);
    atomic_store_explicit(&s->user, NULL, memory_order_relaxed);
    struct inlet *under = beneath ? pool_enter(&inlets, beneath) : NULL;
    if (under) {
        s->peer = under->peer;
        s->port = under->port;
        pool_leave(&inlets, under);
    }
    http_request_init(&s->asks, NULL);
    http_response_init(&s->tells);
    return name;
}

void inlet_met(uint64_t name, const struct peer *peer, uint16_t port)
{
    struct inlet *s = pool_enter(&inlets, name);
    if (!s)
        return;
    s->peer = *peer;
    s->port = port;
    pool_leave(&inlets, s);
}

bool inlet_share(uint64_t name)
{
    return pool_share(&inlets, name);
}

void inlet_drop(uint64_t name)
{
    pool_drop(&inlets, name);
}

bool inlet_is_open(uint64_t name)
{
    return pool_is_alive(&inlets, name);
}

/* --- what is received ------------------------------------------------------------------------- */

/* What the sending side saw of the last request's answer. Where the next head has begun, the framer
 * would take it for that one's; what an answer may change is over then. */
static void hear_answer(struct inlet *s)
{
    uint64_t answer = atomic_load_explicit(&s->answer, memory_order_acquire);
    if (answer == s->answer_seen)
        return;
    s->answer_seen = answer;
    if (http_request_phase(&s->asks) != HTTP_IN_HEAD &&
        (unsigned)(answer >> 32) == atomic_load_explicit(&s->begun, memory_order_relaxed))
        http_request_answer(&s->asks, (unsigned)(answer & 0xffff));
}

/* Where answers cannot be told apart, the next request ends the one before, if there was anything
 * that may have been its answer, and it did not come with it. */
static bool make_room(struct inlet *s)
{
    unsigned waiting = atomic_load_explicit(&s->begun, memory_order_relaxed) -
                       atomic_load_explicit(&s->ended, memory_order_acquire);
    if (!atomic_load_explicit(&s->deaf, memory_order_acquire))
        return waiting < INLET_TURNS;
    bool answered = atomic_load_explicit(&s->wrote, memory_order_relaxed) ||
                    atomic_load_explicit(&s->unheard, memory_order_relaxed);
    if (waiting && (s->fresh || !answered))
        return false;
    inlet_end_all(s);
    return true;
}

/* What policy may ask of the connection stands with the request's fields. */
static void keep_peer(struct inlet *s)
{
    char text[PEER_TEXT_MAX], digits[8];
    struct buf address = buf_over(text, sizeof text), port = buf_over(digits, sizeof digits);
    if (!s->peer.family)
        return;
    peer_text(&s->peer, &address);
    buf_putu(&port, s->port);
    if (s->peer.family == AF_UNIX)
        capture_feed(&s->fields, FIELD_PEER_UNIX, SPAN(""), true);
    else
        capture_feed(&s->fields, FIELD_PEER, buf_span(&address), true);
    capture_feed(&s->fields, FIELD_PORT, buf_span(&port), true);
}

/* The request line is none. */
static bool has_fields(const struct capture *fields)
{
    unsigned field;
    struct span value;
    for (uint32_t at = 0; capture_next(fields, &at, &field, &value);)
        if (field < FIELD_LINE)
            return true;
    return false;
}

/* Requests are counted by what applies to them, sent or not. */
static void bill_request(struct inlet *s, uint64_t name)
{
    struct context *c = process_context((struct whose){ name, CONFIDENCE_LIVE });
    bill_begin(&s->bill, c, ATTRIBUTED_IN);
    context_release(c);
}

/* A whole head was read: its request begins (R1). */
static void begin(struct inlet *s)
{
    unsigned begun = atomic_load_explicit(&s->begun, memory_order_relaxed);
    uint64_t name = 0;
    inlet_let_regime_go(s);
    count(COUNT_inbound);
    bool has = s->fields && (!s->keeps_line || has_fields(s->fields));
    keep_peer(s);
    if (make_room(s))
        name = request_begin(s->name, process_worker(), s->fields);
    else
        capture_free(s->fields);
    s->fields = NULL;
    if (!name) {
        if (has)
            count(COUNT_refused_memory);
        http_request_give_up(&s->asks);
        return;
    }
    if (has)
        count(COUNT_extracted);
    whose_begun(name);
    if (bill_wanted())
        bill_request(s, name);
    atomic_store_explicit(&s->turn[begun % INLET_TURNS], name, memory_order_relaxed);
    atomic_store_explicit(&s->methods[begun % INLET_TURNS], s->method, memory_order_relaxed);
    atomic_store_explicit(&s->wrote, false, memory_order_relaxed);
    s->fresh = true;
    atomic_store_explicit(&s->begun, begun + 1, memory_order_release);
}

/* Lines that were folded are joined by a space (RFC 9112 section 5.2), but for what was blank. */
static void take_value(struct inlet *s, const struct http_piece *p)
{
    bool fresh = !s->line_open && (!p->folded || s->line_blank);
    if (fresh && p->field >= HTTP_FORWARD)
        capture_feed(&s->fields, FIELD_NAME, http_watch_name(s->by->watch, p->field), true);
    if (!s->line_open && !fresh)
        capture_feed(&s->fields, p->field, SPAN(" "), false);
    capture_feed(&s->fields, p->field, p->value, fresh);
    s->line_open = true;
}

static void at_event(struct inlet *s, const struct http_piece *p)
{
    switch (p->event) {
    case HTTP_LINE:
        s->method = p->method;
        s->past_line = true;
        s->line_open = false;
        break;
    case HTTP_VALUE:
        take_value(s, p);
        break;
    case HTTP_FIELD_END:
        s->line_blank = !s->line_open && (!p->folded || s->line_blank);
        s->line_open = false;
        break;
    case HTTP_HEAD_END:
        begin(s);
        break;
    case HTTP_DONE:
        s->past_line = false;
        /* CONNECT has no other event; its fields are nobody's (STANDARD I31) */
        if (s->method == HTTP_CONNECT)
            begin(s);
        break;
    default:
        break;
    }
}

static void tell_line(struct inlet *s, const struct http_told *line)
{
    const struct http_piece value = { .field = line->field, .value = line->value };
    s->line_open = false;
    if (value.value.len)
        take_value(s, &value);
}

/* Most requests come in one piece, or their heads do. Returns what is left. */
static struct span feed_whole(struct inlet *s, struct span in)
{
    struct http_whole_request request;
    struct http_whole lines;
    inlet_follow_regime(s);
    if (!s->by || s->keeps_line || s->fields ||
        !http_request_whole(&s->asks, s->by->watch, in, &request, &lines))
        return in;
    http_request_take(&s->asks, s->by->watch, &request);
    s->method = request.line.method;
    s->past_line = request.left > 0;
    for (unsigned i = 0; i < lines.told; i++)
        tell_line(s, &lines.line[i]);
    s->line_open = false;
    begin(s);
    return span_make(in.at + request.len, in.len - request.len);
}

static void feed(struct inlet *s, struct span in)
{
    struct http_piece piece;
    if (!s->by && in.len)
        in = feed_whole(s, in);
    if (!in.len && !s->by && http_request_phase(&s->asks) != HTTP_IN_DARK)
        return;
    do {
        if (!s->by && in.len)
            inlet_follow_regime(s);
        bool in_line = s->keeps_line && !s->past_line;
        size_t used = http_request_next(&s->asks, in, &piece);
        if (in_line && used)
            capture_feed(&s->fields, FIELD_LINE, span_make(in.at, used), !s->fields);
        in = span_make(in.at + used, in.len - used);
        at_event(s, &piece);
    } while (piece.event != HTTP_MORE && piece.event != HTTP_OPAQUE);
    if (piece.event == HTTP_OPAQUE)
        go_dark(s, why_dark(s));
}

/* True: a head came that is not the first one without an answer. */
static bool take_in(struct inlet *s, const struct iovec *iov, size_t count, size_t bytes)
{
    hear_answer(s);
    s->fresh = false;
    if (!iov) {
        http_request_skip(&s->asks, bytes);
        if (http_request_phase(&s->asks) == HTTP_IN_DARK)
            go_dark(s, why_dark(s));
    }
    for (size_t i = 0; iov && i < count && bytes; i++) {
        size_t len = iov[i].iov_len < bytes ? iov[i].iov_len : bytes;
        feed(s, span_make(iov[i].iov_base, len));
        bytes -= len;
    }
    if (s->by && http_request_phase(&s->asks) != HTTP_IN_HEAD)
        inlet_let_regime_go(s);
    unsigned waiting = atomic_load_explicit(&s->begun, memory_order_relaxed) -
                       atomic_load_explicit(&s->ended, memory_order_relaxed);
    return s->fresh && waiting > 1;
}

/* What an event loop reads is never live, and if nothing less is of use, its connections need not
 * be read along: they are dark and deaf. Not while a request of another thread's is unanswered, and
 * not where requests are counted by who causes them. */
static bool pass_over(struct inlet *s, uint64_t name)
{
    if (!process_is_for_live() || bill_wanted() || !whose_is_never_live(process_worker()) ||
        inlet_front(s) || atomic_load_explicit(&s->dark, memory_order_relaxed) ||
        http_request_phase(&s->asks) != HTTP_BETWEEN)
        return false;
    go_dark(s, OPAQUE_LEFT);
    atomic_store_explicit(&s->deaf, true, memory_order_relaxed);
    atomic_store_explicit(&s->passed_over, true, memory_order_release);
    atomic_store_explicit(&s->unmarked, !s->is_guess && s->name == name, memory_order_release);
    return true;
}

static bool before_request(const struct inlet *s)
{
    enum http_phase phase = http_request_phase(&s->asks);
    return phase == HTTP_BETWEEN || phase == HTTP_IN_HEAD;
}

/* True as take_in. */
static bool look(struct inlet *s, const struct iovec *iov, size_t count, size_t bytes)
{
    bool boundary = bill_wanted() && before_request(s);
    bool ahead = take_in(s, iov, count, bytes);
    if (bill_wanted())
        bill_pass(&s->bill, ATTRIBUTED_IN_BYTES, bytes, boundary, s->fresh);
    return ahead;
}

static void bill_unread(struct inlet *s, size_t bytes)
{
    if (bill_wanted())
        bill_add(&s->bill, ATTRIBUTED_IN_BYTES, bytes);
}

void inlet_received(uint64_t name, const struct iovec *iov, size_t count, size_t bytes)
{
    bool ahead = false, mine;
    if (inlet_used_unmarked(name)) {
        whose_reads(process_worker(), name, 0);
        return;
    }
    struct inlet *s = pool_enter_side(&inlets, name, SIDE_IN, &mine);
    if (!s) {
        whose_reads(process_worker(), name, 0); /* of one that is not followed */
        return;
    }
    atomic_store_explicit(&s->read, true, memory_order_relaxed);
    if (!mine)
        go_dark(s, OPAQUE_CONCURRENT);
    if (atomic_load_explicit(&s->dark, memory_order_relaxed))
        bill_unread(s, bytes);
    else if (!pass_over(s, name))
        ahead = look(s, iov, count, bytes);
    if (atomic_load_explicit(&s->passed_over, memory_order_relaxed))
        inlet_use(s);
    if (!s->is_guess || !atomic_load_explicit(&s->dark, memory_order_relaxed))
        whose_reads(process_worker(), s->name, inlet_front(s));
    if (ahead)
        whose_reads_ahead(process_worker());
    if (mine && pool_leave_side(&inlets, s, SIDE_IN))
        return;
    go_dark(s, OPAQUE_CONCURRENT);
    pool_leave(&inlets, s);
}

void inlet_idle(uint64_t name)
{
    struct inlet *s = pool_enter(&inlets, name);
    if (!s)
        return;
    whose_idles(process_worker(), s->name);
    pool_leave(&inlets, s);
}
