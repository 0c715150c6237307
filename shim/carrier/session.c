#include "carrier/session.h"

#include <stdlib.h>

#define BUFFER 16384 /* the largest record: more would not leave in one piece anyway */
#define HEADS  8192  /* a longer head is offered by itself first */

struct session {
    uint64_t stream;
    struct stream_call call;
    struct iovec program; /* its bytes, in the call that is under way */
    size_t done;          /* of those, taken in a call that has not succeeded yet */
    size_t flying;        /* length of an offer that was refused; 0: none */
    char *buffer; /* of an offer with something of ours, or NULL: it was the program's own */
    bool open;    /* `call` began */
};

struct session *session_new(void)
{
    struct session *s = calloc(1, sizeof *s);
    if (s && !(s->stream = stream_open(NULL, 0, true))) {
        free(s);
        return NULL;
    }
    return s;
}

static void land(struct session *s)
{
    free(s->buffer);
    s->buffer = NULL;
    s->flying = 0;
}

static void close_call(struct session *s)
{
    if (s->open)
        stream_end(&s->call);
    s->open = false;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    if (s->flying)
        stream_commit(&s->call, 0);
    land(s);
    close_call(s);
    stream_drop(s->stream);
    free(s);
}

/* --- what to offer ---------------------------------------------------------------------------- */

static size_t put_own(char *out, size_t room, struct source from, size_t len)
{
    size_t used = 0;
    while (from.count && used < room && used < len) {
        const char *at = (const char *)from.iov[0].iov_base + from.skip;
        size_t part = from.iov[0].iov_len - from.skip;
        part = part < len - used ? part : len - used;
        part = part < room - used ? part : room - used;
        memcpy(out + used, at, part);
        used += part;
        source_advance(&from, part);
    }
    return used;
}

static size_t put_ours(char *out, size_t room, const struct insertion *ins)
{
    struct insertion left = *ins;
    struct span span;
    size_t used = 0;
    while (insertion_spans(&left, &span, 1) == 1) {
        if (span.len > room - used)
            span.len = room - used;
        memcpy(out + used, span.at, span.len);
        used += span.len;
        left.sent += (uint32_t)span.len;
        if (used == room)
            break;
    }
    return used;
}

/* Puts the offer together in memory of ours. False: no memory. */
static bool assemble(struct session *s)
{
    const struct chunk *c = &s->call.chunk;
    struct source from = s->call.left;
    s->buffer = malloc(BUFFER);
    if (!s->buffer)
        return false;
    size_t used = put_own(s->buffer, BUFFER, from, c->before);
    used += put_ours(s->buffer + used, BUFFER - used, &c->ins);
    if (used >= c->before + c->ours) {
        source_advance(&from, c->before);
        used += put_own(s->buffer + used, BUFFER - used, from, c->tail);
    }
    s->flying = used;
    return true;
}

/* Decides on the next offer. False: the stream is none of ours any more. */
static bool prepare(struct session *s, size_t record)
{
    const struct chunk *c = &s->call.chunk;
    if (stream_plan(&s->call) != STREAM_OFFER)
        return false;
    if (c->ours && c->before <= HEADS && assemble(s))
        return true;
    s->flying = c->ours ? c->before : source_len(&s->call.left);
    if (record && s->flying > record)
        s->flying = record;
    if (s->flying)
        return true;
    stream_commit(&s->call, 0); /* ours should go first, and there is no memory for that */
    stream_give_up(s->stream);
    return false;
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool emit_direct(struct session *s, session_emit *emit, void *arg, size_t most, size_t *n)
{
    const char *at = s->program.iov_base;
    size_t left = s->program.iov_len - s->done;
    return emit(arg, at ? at + s->done : NULL, left < most ? left : most, n);
}

/* One offer, new or again. */
static bool emit_next(struct session *s, size_t record, session_emit *emit, void *arg, size_t *own)
{
    size_t n = 0;
    if (!s->flying && !prepare(s, record)) {
        bool ok = emit_direct(s, emit, arg, SIZE_MAX, own);
        source_advance(&s->call.left, ok ? *own : 0);
        return ok;
    }
    bool ok = s->buffer ? emit(arg, s->program.iov_base ? s->buffer : NULL,
                               s->program.iov_base ? s->flying : 0, &n)
                        : emit_direct(s, emit, arg, s->flying, &n);
    if (!ok)
        return false;
    /* Without the program's bytes at hand a part of an offer cannot be followed. */
    if (!s->program.iov_base && n != s->call.chunk.before + s->call.chunk.ours + s->call.chunk.tail)
        stream_give_up(s->stream);
    *own = stream_commit(&s->call, n);
    land(s);
    return true;
}

static void open_call(struct session *s, const void *data, size_t len)
{
    s->program = (struct iovec){ .iov_base = (void *)(uintptr_t)data, .iov_len = len };
    if (s->done > len)
        s->done = data ? len : s->done;
    if (!s->open) {
        stream_begin(&s->call, s->stream, &s->program, 1);
        s->open = true;
    }
    s->call.left = (struct source){ .iov = &s->program, .count = 1, .skip = s->done };
}

bool session_send(struct session *s, const void *data, size_t len, bool may_split, size_t record,
                  session_emit *emit, void *arg, size_t *taken)
{
    bool ok = true;
    size_t own;
    *taken = 0;
    if (len == 0 && !s->flying)
        return emit(arg, data, len, taken);
    open_call(s, data, len);
    do {
        own = 0;
        ok = emit_next(s, record, emit, arg, &own);
        s->done += own;
    } while (ok && s->done < len && !(may_split && s->done));
    if (!ok && !(may_split && s->done))
        return false;
    if (!s->flying)
        close_call(s);
    *taken = s->done;
    s->done = 0;
    return true;
}

void session_received(struct session *s, const void *data, size_t len)
{
    const struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = len };
    stream_received(s->stream, &iov, 1, len);
}

void session_skipped(struct session *s, size_t len)
{
    stream_skipped(s->stream, len);
}

void session_give_up(struct session *s)
{
    stream_give_up(s->stream);
}

bool session_is_opaque(const struct session *s)
{
    return !s->flying && !s->done && stream_is_opaque(s->stream);
}
