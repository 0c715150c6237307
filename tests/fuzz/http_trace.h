/* What the HTTP fuzzers share: a stream and acts at offsets out of the fuzzer's bytes, pieces in
 * memory of their own, and a digest of the events that must not depend on the cuts. */
#ifndef BELLHOP_FUZZ_HTTP_TRACE_H
#define BELLHOP_FUZZ_HTTP_TRACE_H

#include <stdlib.h>

#include "http/http.h"

enum { PREFIX = 8, ACTS = 3 };

static inline void hold(bool truth)
{
    if (!truth)
        __builtin_trap();
}

struct input {
    struct span stream;
    uint64_t seed; /* of the cuts */
    struct {
        size_t at;
        uint8_t what;
    } act[ACTS]; /* by offset */
};

static inline bool input_read(struct input *in, const uint8_t *data, size_t size)
{
    size_t at = 0;

    if (size < PREFIX)
        return false;
    in->seed = (uint64_t)data[0] << 8 | data[1];
    for (int i = 0; i < ACTS; i++) {
        at += data[2 + 2 * i];
        in->act[i].at = at;
        in->act[i].what = data[3 + 2 * i];
    }
    in->stream = span_make((const char *)data + PREFIX, size - PREFIX);
    return true;
}

struct trace {
    struct span stream;
    size_t at; /* offset in the stream */
    uint64_t digest;
    bool in_head, head_ended, opaque;
    unsigned calls; /* without a byte consumed */
};

static inline void digest(struct trace *t, uint64_t value)
{
    t->digest = (t->digest ^ value) * 0x9E3779B97F4A7C15u;
    t->digest ^= t->digest >> 29;
}

/* At these two, the next byte ends a line. */
static inline void hold_line_end(const struct trace *t)
{
    hold(t->at < t->stream.len);
    hold(t->stream.at[t->at] == '\r' || t->stream.at[t->at] == '\n');
}

static inline void hold_order(struct trace *t, const struct http_piece *p)
{
    switch (p->event) {
    case HTTP_LINE:
    case HTTP_STATUS:
        hold(!t->in_head);
        t->in_head = true;
        t->head_ended = false;
        break;
    case HTTP_VALUE:
    case HTTP_FIELD_END:
        hold(t->in_head && !t->head_ended);
        break;
    case HTTP_HEAD_END:
        hold(t->in_head && !t->head_ended);
        t->head_ended = true;
        break;
    default:
        break;
    }
}

/* Takes one answer of a framer to the piece `in`. */
static inline void trace_event(struct trace *t, struct span in, size_t consumed,
                               const struct http_piece *p)
{
    hold(consumed <= in.len);
    t->calls = consumed ? 0 : t->calls + 1;
    hold(t->calls < 8);
    hold(p->event != HTTP_GO);
    hold(!t->opaque || (p->event == HTTP_OPAQUE && consumed == in.len));
    hold(p->event != HTTP_MORE || consumed == in.len);
    t->at += consumed;
    if (t->opaque || p->event == HTTP_MORE)
        return;
    hold_order(t, p);
    if (p->event == HTTP_VALUE) {
        hold(p->value.len && p->value.at >= in.at &&
             p->value.at + p->value.len == in.at + consumed);
        for (size_t i = 0; i < p->value.len; i++)
            digest(t, (t->at - p->value.len + i) << 16 | (unsigned)p->field << 8 |
                          (uint8_t)p->value.at[i]);
        return;
    }
    if (p->event == HTTP_HEAD_END || p->event == HTTP_FIELD_END)
        hold_line_end(t);
    digest(t, t->at << 8 | p->event);
    digest(t, (uint64_t)p->status << 32 | (uint64_t)p->method << 24 | (uint64_t)p->minor << 16 |
                  (uint64_t)p->absolute << 3 | (uint64_t)p->close << 2 | (uint64_t)p->upgrade << 1 |
                  (uint64_t)p->expect);
    if (p->event == HTTP_FIELD_END || p->event == HTTP_HEAD_END)
        digest(t, (uint64_t)p->field << 16 | (uint64_t)(uint8_t)p->last << 8 |
                      (uint64_t)p->folded << 1 | (uint64_t)p->bare_lf);
    t->opaque = p->event == HTTP_OPAQUE;
    if (p->event == HTTP_DONE)
        t->in_head = false;
}

/* The end of the piece that begins at `at`; `seed` 0: one piece. Acts are always at a cut. */
static inline size_t next_cut(const struct input *in, size_t at, uint64_t *seed)
{
    size_t end = in->stream.len;

    for (int i = 0; i < ACTS; i++)
        if (in->act[i].at > at && in->act[i].at < end)
            end = in->act[i].at;
    if (*seed) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        if (at + 1 + (*seed >> 40) % 16 < end)
            end = at + 1 + (*seed >> 40) % 16;
    }
    return end;
}

/* A piece in memory of its own, so that a byte too much is a fault; to be freed. */
static inline char *piece_copy(struct span s)
{
    char *const copy = malloc(s.len);

    hold(copy || !s.len);
    if (s.len)
        memcpy(copy, s.at, s.len);
    return copy;
}

#endif
