/* The request framer: the same events however the stream is cut, in order, at the right bytes, and
 * an opaque stream stays opaque. Bytes 2 to 7 say where answers come and unseen bytes go. */
#include "http/request.h"
#include "http_trace.h"

/* What is told of a request, to be compared. */
struct told {
    unsigned lines, ends, dones;
    uint8_t method;
    size_t head; /* where HEAD_END was */
    bool bare_lf, expect, upgrade;
    struct http_whole values;
};

static void note(struct told *told, const struct http_piece *p, size_t at)
{
    if (p->event == HTTP_LINE) {
        told->lines++;
        told->method = p->method;
    } else if (p->event == HTTP_FIELD_END) {
        hold(told->values.told < HTTP_WHOLE_TOLD);
        told->values.line[told->values.told++].field = p->field;
    } else if (p->event == HTTP_VALUE) {
        hold(told->values.told < HTTP_WHOLE_TOLD);
        told->values.line[told->values.told].value = p->value;
    } else if (p->event == HTTP_HEAD_END) {
        told->ends++;
        told->head = at;
        told->bare_lf = p->bare_lf;
        told->expect = p->expect;
        told->upgrade = p->upgrade;
    } else if (p->event == HTTP_DONE) {
        told->dones++;
    }
}

static void push_piece(struct http_request *r, struct trace *t, struct span in, struct told *told)
{
    const size_t from = t->at;
    struct http_piece p;
    size_t n;

    do {
        n = http_request_next(r, in, &p);
        trace_event(t, in, n, &p);
        if (told)
            note(told, &p, t->at - from);
        if (p.event == HTTP_HEAD_END) {
            struct span host;

            digest(t, http_request_host(r, &host));
            for (size_t i = 0; i < host.len; i++)
                digest(t, (uint8_t)host.at[i]);
        }
        in = span_make(in.at + n, in.len - n);
    } while (p.event != HTTP_MORE && p.event != HTTP_OPAQUE);
    hold((p.event == HTTP_OPAQUE) == (http_request_phase(r) == HTTP_IN_DARK));
    t->at += in.len;
}

/* A request that can be seen at one look is taken so, after the same bytes were read event by
 * event. */
static void push(struct http_request *r, struct trace *t, struct span in)
{
    struct http_whole_request whole;
    struct http_whole lines;
    struct told told = { 0 };
    size_t used = 0;

    if (http_request_whole(r, r->watch, in, &whole, &lines)) {
        struct http_request taken = *r;

        http_request_take(&taken, r->watch, &whole);
        used = whole.len;
        hold(used <= in.len && whole.head + 2 <= used);
        push_piece(r, t, span_make(in.at, used), &told);
        hold(told.lines == 1 && told.method == whole.line.method && told.ends == 1);
        hold(told.head == whole.head && !told.bare_lf && !told.expect && !told.upgrade);
        hold(told.dones == (whole.left == 0) && told.values.told == lines.told);
        for (unsigned i = 0; i < lines.told; i++) {
            hold(told.values.line[i].field == lines.line[i].field);
            hold(span_equal(told.values.line[i].value, lines.line[i].value));
        }
        *r = taken;
    }
    push_piece(r, t, span_make(in.at + used, in.len - used), NULL);
}

static void act(struct http_request *r, struct trace *t, uint8_t what)
{
    static const unsigned status[] = { 100, 101, 200, 204, 407, 417, 500, 103 };

    if (what & 0x80)
        http_request_answer(r, status[what & 7]);
    else if (what)
        http_request_skip(r, what);
    push(r, t, span_make("", 0));
}

static uint64_t run(const struct input *in, uint64_t seed)
{
    static const char *const forward[] = { "x-a", "x-ab", "bagg", "x-b3-traceid" };
    struct trace t = { .stream = in->stream };
    struct http_request r;
    struct http_watch watch;
    int acts = 0;

    http_watch_init(&watch);
    for (size_t i = 0; i < sizeof forward / sizeof *forward; i++)
        hold(http_watch_add(&watch, span_of(forward[i])) == (int)i);
    http_request_init(&r, &watch);
    for (;;) {
        size_t end;
        char *copy;

        for (; acts < ACTS && in->act[acts].at == t.at; acts++)
            act(&r, &t, in->act[acts].what);
        if (t.at == in->stream.len)
            break;
        end = next_cut(in, t.at, &seed);
        copy = piece_copy(span_make(in->stream.at + t.at, end - t.at));
        push(&r, &t, span_make(copy, end - t.at));
        free(copy);
    }
    digest(&t, http_request_phase(&r));
    return t.digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in;
    uint64_t whole;

    if (!input_read(&in, data, size))
        return 0;
    whole = run(&in, 0);
    hold(run(&in, in.seed + 1) == whole);
    hold(run(&in, in.seed * 7919 + 3) == whole);
    return 0;
}
