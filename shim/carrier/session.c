#include "carrier/session_offer.h"

#include "carrier/inlet.h"

#include <errno.h>
#include <stdlib.h>

struct session *session_new(enum count_carrier carrier)
{
    struct session *s = calloc(1, sizeof *s);
    if (s && !(s->stream = stream_open(NULL, 0, carrier))) {
        free(s);
        return NULL;
    }
    return s;
}

struct session *session_new_served(void)
{
    struct session *s = calloc(1, sizeof *s);
    if (s)
        s->served = true;
    return s;
}

bool session_is_served(const struct session *s)
{
    return s->served;
}

void session_asked(struct session *s, uint64_t beneath, const void *data, size_t len)
{
    const struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = len };
    if (!s->asked)
        s->inlet = inlet_open(beneath);
    s->asked = true; /* what begins later would not be the beginning */
    inlet_received(s->inlet, &iov, 1, len);
}

void session_answered(struct session *s, const void *data, size_t len)
{
    const struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = len };
    if (len)
        inlet_sent(s->inlet, data ? &iov : NULL, 1, len);
    else
        inlet_unheard(s->inlet);
}

/* The offer was taken, in part or as a whole. While a part of ours is out, its buffer is kept: for
 * the rest of it memory must not be lacking. */
static void land(struct session *s, size_t taken)
{
    const struct chunk *c = &s->call.chunk;
    bool inside = s->assembled && taken > c->before && taken < c->before + c->ours;
    bool goes_on = s->buffer && taken == 0 && c->ins.sent;
    s->flying = 0;
    s->assembled = false;
    if (!inside && !goes_on) {
        free(s->buffer);
        s->buffer = NULL;
    }
}

static void close_call(struct session *s)
{
    if (s->open)
        stream_end(&s->call);
    s->open = false;
    free(s->copy);
    s->copy = NULL;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    if (s->flying)
        stream_commit(&s->call, 0);
    close_call(s);
    if (s->served)
        inlet_drop(s->inlet);
    else
        stream_drop(s->stream);
    free(s->buffer);
    free(s);
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum session_result emit(struct session *s, const struct session_way *way, const void *data,
                                size_t len, size_t *n)
{
    errno = s->error;
    enum session_result result = way->emit(way->arg, data, len, n);
    s->error = errno;
    if (result != SESSION_TOOK)
        *n = 0; /* SSL_write_ex and BIO_write_ex may leave anything there */
    return result;
}

static enum session_result emit_direct(struct session *s, const struct session_way *way,
                                       size_t most, size_t *n)
{
    const char *at = s->program.iov_base;
    size_t left = s->program.iov_len - s->done;
    return emit(s, way, at ? at + s->done : NULL, left < most ? left : most, n);
}

/* One offer, new or again. `*cut`: the library took so much of it and no more; else 0. */
static enum session_result emit_next(struct session *s, const struct session_way *way, size_t *cut)
{
    enum session_result result;
    size_t n = 0, offered = s->program.iov_len - s->done;
    if (s->flying || offer_prepare(s, way)) {
        offered = s->flying;
        result =
            s->assembled ? emit(s, way, s->buffer, offered, &n) : emit_direct(s, way, offered, &n);
    } else {
        result = emit_direct(s, way, SIZE_MAX, &n);
    }
    *cut = n < offered ? n : 0;
    if (!s->flying) {
        source_advance(&s->call.left, n);
        s->done += n;
    } else if (result != SESSION_AGAIN) {
        /* Without the program's bytes at hand a part of an offer cannot be followed. */
        if (!s->program.iov_base && *cut)
            stream_give_up(s->stream);
        s->done += stream_commit(&s->call, n);
        land(s, n);
    }
    return result;
}

static void open_call(struct session *s, struct iovec bytes)
{
    s->program = bytes;
    if (!s->open) {
        stream_begin(&s->call, s->stream, &s->program, 1);
        s->open = true;
    }
    s->call.left = (struct source){ .iov = &s->program, .count = 1, .skip = s->done };
}

static void succeed(struct session *s, size_t *taken)
{
    *taken = s->done;
    close_call(s);
    s->done = 0;
}

/* Less than what was refused. */
static bool is_less(const struct session *s, const void *data, size_t len)
{
    if (!data || len < s->done || !s->flying || !s->assembled)
        return data && len < s->done;
    return len - s->done < chunk_own(&s->call.chunk, s->flying);
}

static bool is_elsewhere(const struct session *s, const struct session_way *way, const void *data)
{
    return s->flying && s->assembled && data && !way->moving && data != s->from;
}

/* What the library was given already, at another place. NULL: nothing, or no memory. */
static char *move_offer(const struct session *s)
{
    char *moved = s->flying && s->assembled ? malloc(s->flying) : NULL;
    return moved ? memcpy(moved, s->buffer, s->flying) : NULL;
}

/* A retry that the library finds fault with: ours is as wrong as the program's. Should it find
 * none, nothing is known any more. */
static bool emit_wrong(struct session *s, const struct session_way *way, struct iovec bytes,
                       size_t *taken)
{
    char *moved = is_less(s, bytes.iov_base, bytes.iov_len) ? NULL : move_offer(s);
    size_t n = !s->flying || (!moved && bytes.iov_len < s->flying) ? bytes.iov_len : s->flying;
    stream_give_up(s->stream);
    bool took = emit(s, way, moved ? moved : bytes.iov_base, n, &n) == SESSION_TOOK;
    free(moved);
    if (!took)
        return false;
    s->done += s->flying ? stream_commit(&s->call, n) : n;
    land(s, n);
    succeed(s, taken);
    return true;
}

/* The bytes that this call is about: what was shown when it began, if they are not shown again. */
static struct iovec bytes_of(struct session *s, const void *data, size_t len,
                             const struct session_way *way)
{
    if (way->given)
        offer_take_copy(s, (char *)(uintptr_t)data, len);
    if (s->copy && (way->given || way->record || !data))
        return (struct iovec){ .iov_base = s->copy, .iov_len = s->copy_len };
    return (struct iovec){ .iov_base = (void *)(uintptr_t)data, .iov_len = len };
}

/* Offers until as much is taken as the library would have taken of the program's bytes alone: all,
 * or where it may split, as much as it takes at once. */
static enum session_result offer_all(struct session *s, const struct session_way *way)
{
    enum session_result result;
    size_t goal = s->program.iov_len, cut;
    do {
        result = emit_next(s, way, &cut);
        if (way->may_split && cut && cut < goal)
            goal = cut;
    } while (result == SESSION_TOOK && s->done < goal);
    return result;
}

static void refused(struct session *s, const struct session_way *way, enum session_result result)
{
    s->from = s->program.iov_base;
    if (result == SESSION_AGAIN && way->record)
        offer_keep_copy(s, s->program.iov_base, s->program.iov_len);
    if (result == SESSION_FAILED && !s->done)
        close_call(s);
}

/* What the library holds, goes on with, and counts, is the rest of a call that is open, of which
 * there was no memory for a copy. */
static bool emit_nothing(struct session *s, const struct session_way *way, const void *data,
                         size_t *taken)
{
    size_t n = 0;
    if (emit(s, way, data, 0, &n) != SESSION_TOOK)
        return false;
    s->done += n;
    succeed(s, taken);
    return true;
}

static bool send_bytes(struct session *s, struct iovec bytes, const struct session_way *way,
                       size_t *taken)
{
    if (bytes.iov_len == 0 && !s->flying)
        return emit_nothing(s, way, bytes.iov_base, taken);
    if (is_less(s, bytes.iov_base, bytes.iov_len) || is_elsewhere(s, way, bytes.iov_base))
        return emit_wrong(s, way, bytes, taken);
    open_call(s, bytes);
    enum session_result result = offer_all(s, way);
    if (result != SESSION_TOOK) {
        refused(s, way, result);
        return false;
    }
    succeed(s, taken);
    return true;
}

/* Two threads write at a time, which no library allows. What they have of each other's is not
 * touched, and what goes out is what the library makes of it. */
static bool emit_past(struct session *s, const void *data, size_t len,
                      const struct session_way *way, size_t *taken)
{
    stream_give_up(s->stream);
    bool ok = way->emit(way->arg, data, len, taken) == SESSION_TOOK;
    if (way->given)
        free((char *)(uintptr_t)data);
    return ok;
}

bool session_send(struct session *s, const void *data, size_t len, const struct session_way *way,
                  size_t *taken)
{
    static _Thread_local char me;
    const void *other = NULL;
    *taken = 0;
    /* One's own: a call that was left by siglongjmp. */
    if (!atomic_compare_exchange_strong(&s->owner, &other, &me) && other != &me)
        return emit_past(s, data, len, way, taken);
    s->error = errno;
    bool ok = send_bytes(s, bytes_of(s, data, len, way), way, taken);
    if (!s->flying && !s->done && stream_is_opaque(s->stream))
        session_end(s);
    errno = s->error;
    atomic_store(&s->owner, NULL);
    return ok;
}

void session_received(struct session *s, const void *data, size_t len)
{
    const struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = len };
    stream_received(s->stream, &iov, 1, len, stream_writes(s->stream));
}

void session_skipped(struct session *s, size_t len)
{
    stream_skipped(s->stream, len);
}

void session_give_up(struct session *s)
{
    stream_give_up(s->stream);
}

void session_end(struct session *s)
{
    stream_give_up(s->stream);
    stream_drop(s->stream);
    atomic_store_explicit(&s->over, true, memory_order_release);
}

bool session_is_over(const struct session *s)
{
    return atomic_load_explicit(&s->over, memory_order_acquire);
}

unsigned *session_notes(struct session *s)
{
    return &s->notes;
}

bool session_is_retry(const struct session *s)
{
    return s->open;
}

size_t session_most_ours(void)
{
    struct context *c = process_current();
    struct insertion all = { .kind = INSERT_LINES,
                             .of = c,
                             .what.members = c ? members_of(&c->list) : MEMBERS_NONE,
                             .traceparent = true,
                             .tracestate = true };
    size_t len = c ? insertion_len(&all) : 0;
    context_release(c);
    return len;
}
