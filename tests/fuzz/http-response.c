/* The response framer: the same events however the stream is cut, in order, at the right bytes, and
 * an opaque stream stays opaque. Bytes 2 to 7 say where requests go out and unseen bytes come. */
#include "http/response.h"
#include "http_trace.h"

struct told {
    unsigned statuses, dones;
    uint16_t status;
    bool close;
};

static void push_piece(struct http_response *r, struct trace *t, struct span in, struct told *told)
{
    struct http_piece p;
    size_t n;

    *told = (struct told){ 0 };

    do {
        const unsigned before = http_response_outstanding(r);

        n = http_response_next(r, in, &p);
        /* An interim response ends without a DONE. */
        if (p.event == HTTP_STATUS && t->head_ended)
            t->in_head = false;
        trace_event(t, in, n, &p);
        hold(http_response_outstanding(r) == before - (p.event == HTTP_DONE));
        told->status = p.event == HTTP_STATUS ? p.status : told->status;
        told->statuses += p.event == HTTP_STATUS;
        told->close = p.event == HTTP_DONE ? p.close : told->close;
        told->dones += p.event == HTTP_DONE;
        in = span_make(in.at + n, in.len - n);
    } while (p.event != HTTP_MORE && p.event != HTTP_OPAQUE);
    hold((p.event == HTTP_OPAQUE) == http_response_is_opaque(r));
    t->at += in.len;
}

/* An answer that can be taken at one look is, after the same bytes were read event by event. */
static void push(struct http_response *r, struct trace *t, struct span in)
{
    struct http_whole_response whole;
    struct http_response taken = *r;
    struct told told;
    const size_t used = http_response_whole(&taken, in, &whole);

    if (used) {
        hold(used <= in.len);
        push_piece(r, t, span_make(in.at, used), &told);
        hold(told.statuses == 1 && told.status == whole.status && whole.status >= 200);
        hold(told.dones == whole.done && (!told.dones || told.close == whole.close));
        hold(http_response_outstanding(r) == http_response_outstanding(&taken));
        *r = taken;
    }
    push_piece(r, t, span_make(in.at + used, in.len - used), &told);
}

static void act(struct http_response *r, struct trace *t, uint8_t what)
{
    if (what & 0x80)
        for (int i = 0; i < (what >> 2 & 31); i++)
            http_response_expect(r, (enum http_method)((what + i) % 3));
    else if (what)
        http_response_skip(r, what);
    push(r, t, span_make("", 0));
}

static uint64_t run(const struct input *in, uint64_t seed)
{
    struct trace t = { .stream = in->stream };
    struct http_response r;
    int acts = 0;

    http_response_init(&r);
    http_response_expect(&r, (enum http_method)(in->seed % 3));
    http_response_expect(&r, HTTP_OTHER);
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
    digest(&t, http_response_close(&r));
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
