/* GnuTLS: what clients write into sessions. */
#include "hooks/gnutls_abi.h"

#include "base/fdtable.h"

#include <limits.h>

#include "hooks/real.h"
#include "hooks/sessions.h"
#include "hooks/sites.h"

/* An offer is never longer than a record may be, so that a retry by (NULL, 0) takes all of it. */
#define RECORD 16384

/* Notes of a session: whether it is corked, and how many bytes of ours wait in it. */
#define CORKED    1u
#define OURS_BYTE 2u

struct gnutls {
    int (*init)(void **, unsigned);
    void (*deinit)(void *);
    ssize_t (*send)(void *, const void *, size_t);
    ssize_t (*send2)(void *, const void *, size_t, size_t, unsigned);
    ssize_t (*send_range)(void *, const void *, size_t, const struct gnutls_range *);
    ssize_t (*send_early)(void *, const void *, size_t);
    ssize_t (*send_file)(void *, int, off_t *, size_t);
    void (*cork)(void *);
    int (*uncork)(void *, unsigned);
    size_t (*check_corked)(void *);
    ssize_t (*recv)(void *, void *, size_t);
    size_t (*record_size)(void *); /* asked, not hooked; so is the next */
    void (*transport)(void *, int *, int *);
};

static struct ptrmap sessions; /* gnutls_session_t */

static bool load(void *copy, const void *caller)
{
    struct gnutls *g = copy;
    const struct wanted wanted[] = {
        { "gnutls_init", &g->init, true },
        { "gnutls_deinit", &g->deinit, true },
        { "gnutls_record_send", &g->send, true },
        { "gnutls_record_send2", &g->send2, false },
        { "gnutls_record_send_range", &g->send_range, false },
        { "gnutls_record_send_early_data", &g->send_early, false },
        { "gnutls_record_send_file", &g->send_file, false },
        { "gnutls_record_cork", &g->cork, false },
        { "gnutls_record_uncork", &g->uncork, false },
        { "gnutls_record_check_corked", &g->check_corked, false },
        { "gnutls_record_recv", &g->recv, true },
    };
    if (!sites_load(wanted, sizeof wanted / sizeof *wanted, caller))
        return false;
    *(void **)&g->record_size = real_beside(*(void **)&g->send, "gnutls_record_get_max_size");
    *(void **)&g->transport = real_beside(*(void **)&g->send, "gnutls_transport_get_int2");
    return true;
}

static const struct gnutls *gnutls_of(const void *caller)
{
    static const struct gnutls none;
    static struct gnutls slots[COPIES_MAX];
    static struct copies copies = {
        .family = FAMILY_gnutls, .size = sizeof *slots, .slots = (char *)slots, .load = load
    };
    const struct gnutls *found = sites_copy(&copies, caller);
    return found ? found : &none;
}

/* Of a call that the library does not make itself. */
static struct session *session_any(const void *handle)
{
    return sessions_inside == handle ? NULL : sessions_get(&sessions, handle);
}

/* A client's. */
static struct session *session_kept(const void *handle)
{
    struct session *s = session_any(handle);
    return s && !session_is_served(s) ? s : NULL;
}

/* A server's. */
static struct session *session_served(const void *handle)
{
    struct session *s = session_any(handle);
    return s && session_is_served(s) ? s : NULL;
}

static struct session *session_for(const void *handle)
{
    struct session *s = session_kept(handle);
    return s && !session_is_over(s) ? s : NULL;
}

EXPORT int gnutls_init(void **session, unsigned flags)
{
    const struct gnutls *g = gnutls_of(CALLER());
    int result = g->init ? g->init(session, flags) : GNUTLS_INVALID_SESSION;
    if (result != 0)
        return result;
    sessions_forget(&sessions, *session);
    if ((flags & GNUTLS_FLAG_CLIENT) && !(flags & GNUTLS_FLAG_DATAGRAM))
        sessions_begin(&sessions, *session);
    else if (!(flags & (GNUTLS_FLAG_CLIENT | GNUTLS_FLAG_DATAGRAM)) && process_is_server())
        sessions_serve(&sessions, *session);
    return result;
}

EXPORT void gnutls_deinit(void *session)
{
    const struct gnutls *g = gnutls_of(CALLER());
    sessions_gone(session);
    sessions_forget(&sessions, session);
    if (g->deinit)
        g->deinit(session);
}

/* --- writing ---------------------------------------------------------------------------------- */

struct call {
    const struct gnutls *g;
    void *session;
    size_t pad;
    unsigned flags;
    const struct gnutls_range *range;
    size_t slack;   /* by which the length is to be hidden */
    size_t all;     /* that was taken, ours too */
    ssize_t result; /* of the last real call */
};

static enum session_result took(struct call *c, ssize_t result, size_t *taken)
{
    c->result = result;
    *taken = result > 0 ? (size_t)result : 0;
    c->all += *taken;
    if (result > 0)
        return SESSION_TOOK;
    return result == GNUTLS_AGAIN || result == GNUTLS_INTERRUPTED ? SESSION_AGAIN : SESSION_FAILED;
}

static enum session_result emit_send(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    return took(c, c->g->send(c->session, data, len), taken);
}

static enum session_result emit_send2(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    return took(c, c->g->send2(c->session, data, len, c->pad, c->flags), taken);
}

static enum session_result emit_range_as_it_is(void *arg, const void *data, size_t len,
                                               size_t *taken)
{
    struct call *c = arg;
    return took(c, c->g->send_range(c->session, data, len, c->range), taken);
}

/* The first piece hides as much as the program wanted for the whole, the others have none to hide.
 */
static enum session_result emit_range(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    const struct gnutls_range range = { len, len + c->slack };
    enum session_result result = took(c, c->g->send_range(c->session, data, len, &range), taken);
    if (result == SESSION_TOOK)
        c->slack = 0;
    return result;
}

static ssize_t send_all(struct call *c, struct session *s, const void *data, size_t len,
                        struct session_way way)
{
    size_t taken;
    way.arg = c;
    way.moving = true;
    return sessions_send(c->session, s, data, len, &way, &taken) ? (ssize_t)taken : c->result;
}

/* It waits in memory of the library's, and is taken as a whole. */
static ssize_t send_corked(struct call *c, struct session *s, const void *data, size_t len,
                           struct session_way way)
{
    ssize_t n = send_all(c, s, data, len, way);
    size_t ours = c->all - (n > 0 ? (size_t)n : 0);
    if (ours < UINT_MAX / 2 / OURS_BYTE)
        *session_notes(s) += (unsigned)ours * OURS_BYTE;
    return n;
}

/* What is corked is taken as a whole. Else the real call would take one record's bytes: so many of
 * the program's are taken, though with ours in them they may leave in two. */
static ssize_t send_record(struct call *c, struct session *s, const void *data, size_t len,
                           struct session_way way)
{
    if (*session_notes(s) & CORKED)
        return send_corked(c, s, data, len, way);
    way.record = c->g->record_size ? c->g->record_size(c->session) : RECORD;
    if (way.record == 0 || way.record > RECORD)
        way.record = RECORD;
    way.record -= c->pad < way.record / 2 ? c->pad : way.record / 2; /* it stands in the record */
    return send_all(c, s, data, len < way.record ? len : way.record, way);
}

/* Of a server's session, or one that is none of ours. Inside of it the library sends by other
 * functions of its own. */
static ssize_t answer(struct call *c, const void *data, size_t len,
                      enum session_result (*emit)(void *, const void *, size_t, size_t *))
{
    struct session *s = session_served(c->session);
    const void *outer = sessions_inside;
    size_t taken;
    if (s)
        sessions_inside = c->session;
    emit(c, data, len, &taken);
    sessions_inside = outer;
    if (s && taken)
        session_answered(s, data, taken);
    return c->result;
}

EXPORT ssize_t gnutls_record_send(void *session, const void *data, size_t len)
{
    struct call c = { .g = gnutls_of(CALLER()), .session = session };
    if (!c.g->send)
        return GNUTLS_INVALID_SESSION;
    struct session *s = session_for(session);
    if (!s)
        return answer(&c, data, len, emit_send);
    return send_record(&c, s, data, len, (struct session_way){ .emit = emit_send });
}

EXPORT ssize_t gnutls_record_send2(void *session, const void *data, size_t len, size_t pad,
                                   unsigned flags)
{
    struct call c = { .g = gnutls_of(CALLER()), .session = session, .pad = pad, .flags = flags };
    if (!c.g->send2)
        return GNUTLS_INVALID_SESSION;
    struct session *s = session_for(session);
    if (!s)
        return answer(&c, data, len, emit_send2);
    return send_record(&c, s, data, len, (struct session_way){ .emit = emit_send2 });
}

/* It takes everything, or fails for good. A range that is none is the real call's to refuse. */
EXPORT ssize_t gnutls_record_send_range(void *session, const void *data, size_t len,
                                        const struct gnutls_range *range)
{
    struct call c = { .g = gnutls_of(CALLER()), .session = session };
    if (!c.g->send_range)
        return GNUTLS_INVALID_SESSION;
    struct session *s = session_for(session);
    c.range = range;
    if (!s || !range || len < range->low || len > range->high)
        return answer(&c, data, len, emit_range_as_it_is);
    c.slack = range->high - len;
    return send_all(&c, s, data, len, (struct session_way){ .emit = emit_range });
}

/* Sent before anything is known of the connection; whether it counts is known only later. */
EXPORT ssize_t gnutls_record_send_early_data(void *session, const void *data, size_t len)
{
    const struct gnutls *g = gnutls_of(CALLER());
    sessions_forget(&sessions, session);
    return g->send_early ? g->send_early(session, data, len) : GNUTLS_INVALID_SESSION;
}

EXPORT ssize_t gnutls_record_send_file(void *session, int fd, off_t *offset, size_t count)
{
    const struct gnutls *g = gnutls_of(CALLER());
    struct session *s = session_for(session), *served = session_served(session);
    const void *outer = sessions_inside;
    sessions_inside = session;
    ssize_t n = g->send_file ? g->send_file(session, fd, offset, count) : GNUTLS_INVALID_SESSION;
    sessions_inside = outer;
    if (s && n > 0)
        session_skipped(s, (size_t)n);
    else if (s && n < 0)
        session_give_up(s); /* a part may have gone */
    else if (served && n != 0)
        session_answered(served, NULL, n > 0 ? (size_t)n : 0);
    return n;
}

EXPORT void gnutls_record_cork(void *session)
{
    const struct gnutls *g = gnutls_of(CALLER());
    if (!g->cork)
        return;
    g->cork(session);
    struct session *s = session_for(session);
    if (s)
        *session_notes(s) |= CORKED;
}

/* Of the bytes that left, or that wait, how many are the program's: ours stand in heads, and leave
 * before the bodies behind them. */
static size_t without_ours(struct session *s, size_t all)
{
    unsigned *notes = session_notes(s);
    size_t ours = *notes / OURS_BYTE;
    return all - (ours < all ? ours : all);
}

static void forget_ours(struct session *s, size_t all)
{
    unsigned *notes = session_notes(s);
    unsigned ours = *notes / OURS_BYTE;
    *notes -= OURS_BYTE * (all < ours ? (unsigned)all : ours);
}

/* Sends what was corked, which passed by us when it was. */
static int uncork_inside(const struct gnutls *g, void *session, unsigned flags)
{
    const void *outer = sessions_inside;
    sessions_inside = session;
    int result = g->uncork(session, flags);
    sessions_inside = outer;
    return result;
}

/* When it fails, the rest stays corked. */
static int uncork(const struct gnutls *g, void *session, struct session *s, unsigned flags)
{
    size_t waiting = g->check_corked ? g->check_corked(session) : 0;
    int result = uncork_inside(g, session, flags);
    if (result < 0) {
        size_t left = g->check_corked ? g->check_corked(session) : 0;
        forget_ours(s, left < waiting ? waiting - left : 0);
        return result;
    }
    result = (int)without_ours(s, (size_t)result);
    *session_notes(s) = 0;
    return result;
}

EXPORT int gnutls_record_uncork(void *session, unsigned flags)
{
    const struct gnutls *g = gnutls_of(CALLER());
    if (!g->uncork)
        return GNUTLS_INVALID_SESSION;
    struct session *s = session_kept(session);
    return s ? uncork(g, session, s, flags) : uncork_inside(g, session, flags);
}

EXPORT size_t gnutls_record_check_corked(void *session)
{
    const struct gnutls *g = gnutls_of(CALLER());
    if (!g->check_corked)
        return 0;
    struct session *s = session_kept(session);
    size_t all = g->check_corked(session);
    return s ? without_ours(s, all) : all;
}

/* The inbound connection that a session goes over; 0: it is not known. */
static uint64_t beneath(const struct gnutls *g, void *session)
{
    int in = -1, out = -1;
    if (g->transport)
        g->transport(session, &in, &out);
    fd_entry entry = in >= 0 ? fdtable_get(in) : FD_NOTHING;
    return fd_kind(entry) == FD_INLET ? fd_name(entry) : 0;
}

EXPORT ssize_t gnutls_record_recv(void *session, void *data, size_t len)
{
    const struct gnutls *g = gnutls_of(CALLER());
    ssize_t n = g->recv ? g->recv(session, data, len) : GNUTLS_INVALID_SESSION;
    struct session *s = n > 0 ? session_any(session) : NULL;
    if (s && session_is_served(s))
        session_asked(s, beneath(g, session), data, (size_t)n);
    else if (s && !session_is_over(s))
        session_received(s, data, (size_t)n);
    return n;
}
