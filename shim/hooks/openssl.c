/* OpenSSL: its copies, the state of its handles, and what is read from them. */
#include "hooks/openssl.h"

#include "base/fdtable.h"
#include "hooks/hooks.h"
#include "hooks/real.h"
#include "hooks/sessions.h"
#include "hooks/sites.h"

static struct openssl slots[COPIES_MAX];
_Static_assert(sizeof *slots <= COPY_SIZE_MAX, "copies of this library could not be kept");

static void load_asked(struct openssl *o)
{
    const void *ssl = *(void **)&o->write, *bio = *(void **)&o->bio_write;
    *(void **)&o->is_server = real_beside(ssl, "SSL_is_server");
    *(void **)&o->rfd = real_beside(ssl, "SSL_get_rfd");
    *(void **)&o->is_dtls = real_beside(ssl, "SSL_is_dtls");
    *(void **)&o->is_quic = real_beside(ssl, "SSL_is_quic");
    *(void **)&o->in_init = real_beside(ssl, "SSL_in_init");
    *(void **)&o->want = real_beside(ssl, "SSL_want");
    *(void **)&o->ctrl = real_beside(ssl, "SSL_ctrl");
    *(void **)&o->early_status = real_beside(ssl, "SSL_get_early_data_status");
    *(void **)&o->session_of = real_beside(ssl, "SSL_get_session");
    *(void **)&o->max_early = real_beside(ssl, "SSL_SESSION_get_max_early_data");
    *(void **)&o->new_index = real_beside(ssl, "SSL_get_ex_new_index");
    *(void **)&o->new_index_of = real_beside(ssl, "CRYPTO_get_ex_new_index");
    *(void **)&o->set_ex = real_beside(ssl, "SSL_set_ex_data");
    *(void **)&o->get_ex = real_beside(ssl, "SSL_get_ex_data");
    *(void **)&o->bio_type = real_beside(bio, "BIO_method_type");
    *(void **)&o->bio_next = real_beside(bio, "BIO_next");
    *(void **)&o->bio_ctrl = real_beside(bio, "BIO_ctrl");
    *(void **)&o->bio_vsnprintf = real_beside(bio, "BIO_vsnprintf");
}

static bool load(void *copy, const void *caller)
{
    struct openssl *o = copy;
    const struct wanted wanted[] = {
        { "SSL_clear", &o->clear, false },
        { "SSL_write", &o->write, false },
        { "SSL_write_ex", &o->write_ex, false },
        { "SSL_write_ex2", &o->write_ex2, false },
        { "SSL_write_early_data", &o->write_early, false },
        { "SSL_sendfile", &o->sendfile, false },
        { "SSL_read", &o->read, false },
        { "SSL_read_ex", &o->read_ex, false },
        { "BIO_write", &o->bio_write, true },
        { "BIO_write_ex", &o->bio_write_ex, false },
        { "BIO_puts", &o->bio_puts, true },
        { "BIO_vprintf", &o->bio_vprintf, true },
        { "BIO_read", &o->bio_read, true },
        { "BIO_read_ex", &o->bio_read_ex, false },
        { "BIO_gets", &o->bio_gets, true },
    };
    if (!sites_load(wanted, sizeof wanted / sizeof *wanted, caller))
        return false;
    load_asked(o);
    return true;
}

const struct openssl *openssl_of(const void *caller)
{
    static const struct openssl none;
    static struct copies copies = {
        .family = FAMILY_openssl, .size = sizeof *slots, .slots = (char *)slots, .load = load
    };
    const struct openssl *found = sites_copy(&copies, caller);
    return found ? found : &none;
}

/* --- the state of a handle: in its own extra data, so that it lives and dies with it ---------- */

static struct session *const alone = (struct session *)(uintptr_t)&slots; /* never looked into */

/* Once a first write could not be remembered, nobody's first write can be told any more. */
static atomic_bool lost;

static void freed(void *ssl, void *value, void *data, int index, long number, void *arg)
{
    (void)data, (void)index, (void)number, (void)arg;
    sessions_gone(ssl);
    if (value != alone)
        session_free(value);
}

/* SSL_dup's copy is another session. */
static int duplicated(void *to, const void *from, void **value, int index, long number, void *arg)
{
    (void)to, (void)from, (void)index, (void)number, (void)arg;
    *value = NULL;
    return 1;
}

static int make_index(const struct openssl *o)
{
    if (!o->set_ex || !o->get_ex)
        return -1;
    if (o->new_index) /* a macro since 1.1.0 */
        return o->new_index(0, NULL, NULL, duplicated, freed);
    if (o->new_index_of)
        return o->new_index_of(OPENSSL_EX_INDEX_SSL, 0, NULL, NULL, duplicated, freed);
    return -1;
}

/* Of this copy of the library; -1: none is to be had. Two threads may make one each: the second is
 * not used. */
static int index_of(const struct openssl *o)
{
    static atomic_int known[COPIES_MAX]; /* 2 + the index; 0: not asked yet */
    atomic_int *mine = &known[o - slots];
    int index = atomic_load_explicit(mine, memory_order_acquire);
    if (!index) {
        int fresh = make_index(o) + 2;
        if (atomic_compare_exchange_strong(mine, &index, fresh))
            index = fresh;
    }
    return index - 2;
}

static struct session *state_of(const struct openssl *o, const void *ssl)
{
    int index = index_of(o);
    return index < 0 ? alone : o->get_ex(ssl, index);
}

static bool set_state(const struct openssl *o, void *ssl, struct session *state)
{
    struct session *was = state_of(o, ssl);
    int index = index_of(o);
    if (index < 0 || was == state)
        return index >= 0;
    if (!o->set_ex(ssl, index, state))
        return false;
    if (was != alone)
        session_free(was);
    return true;
}

/* A client's. */
static struct session *living(struct session *s)
{
    return s && s != alone && !session_is_served(s) && !session_is_over(s) ? s : NULL;
}

static struct session *served(struct session *s)
{
    return s && s != alone && session_is_served(s) ? s : NULL;
}

void openssl_leave_alone(const struct openssl *o, void *ssl)
{
    struct session *s = ssl ? state_of(o, ssl) : alone;
    if (living(s))
        session_end(s);
    else if (!s && !set_state(o, ssl, alone))
        atomic_store(&lost, true);
}

void openssl_forget(const struct openssl *o, void *ssl)
{
    if (ssl && hooks_ready() && index_of(o) >= 0)
        set_state(o, ssl, NULL);
}

/* HTTP/1 is neither spoken over datagrams nor QUIC. */
static bool is_http_client(const struct openssl *o, const void *ssl)
{
    return o->is_server && o->ctrl && o->want && o->is_server(ssl) == 0 &&
           !(o->is_dtls && o->is_dtls(ssl)) && !(o->is_quic && o->is_quic(ssl));
}

static struct session *begin(const struct openssl *o, void *ssl)
{
    struct session *s = NULL;
    if (!atomic_load(&lost) && is_http_client(o, ssl))
        s = session_new(CARRIER_OPENSSL);
    if (s && set_state(o, ssl, s))
        return s;
    session_free(s);
    openssl_leave_alone(o, ssl);
    return NULL;
}

struct session *openssl_known(const struct openssl *o, const void *ssl)
{
    if (!ssl || sessions_inside == ssl || !hooks_ready())
        return NULL;
    return living(state_of(o, ssl));
}

/* Early data that the server refused was for nothing: the program sends it again, or not. */
static struct session *after_early(const struct openssl *o, void *ssl, struct session *s)
{
    *session_notes(s) &= ~(unsigned)OPENSSL_EARLY;
    if (!o->in_init || !o->early_status || o->in_init(ssl)) {
        session_give_up(s); /* whether it was is seen too late */
        return s;
    }
    if (o->early_status(ssl) != OPENSSL_EARLY_DATA_REJECTED)
        return s;
    openssl_forget(o, ssl);
    return begin(o, ssl);
}

struct session *openssl_session(const struct openssl *o, void *ssl, unsigned way)
{
    if (!ssl || sessions_inside == ssl)
        return NULL;
    if (!hooks_ready()) {
        atomic_store_explicit(&lost, true, memory_order_relaxed);
        return NULL;
    }
    struct session *s = state_of(o, ssl);
    if (s && !living(s))
        return NULL;
    if (!s)
        s = begin(o, ssl);
    else if ((*session_notes(s) & OPENSSL_EARLY) && way != OPENSSL_EARLY)
        s = after_early(o, ssl, s);
    if (!s)
        return NULL;
    *session_notes(s) |= way;
    if ((*session_notes(s) & OPENSSL_DIRECT) && (*session_notes(s) & OPENSSL_BUFFERED))
        session_give_up(s); /* in what order they leave cannot be told */
    return s;
}

/* The inbound connection that a session goes over; 0: it is not known. */
static uint64_t beneath(const struct openssl *o, const void *ssl)
{
    int fd = o->rfd ? o->rfd(ssl) : -1;
    fd_entry entry = fd >= 0 ? fdtable_get(fd) : FD_NOTHING;
    return fd_kind(entry) == FD_INLET ? fd_name(entry) : 0;
}

/* A server's session begins where it first receives something. */
static struct session *begin_served(const struct openssl *o, void *ssl)
{
    if (!process_is_server() || !o->is_server || o->is_server(ssl) != 1 ||
        (o->is_dtls && o->is_dtls(ssl)) || (o->is_quic && o->is_quic(ssl)))
        return NULL;
    struct session *s = session_new_served();
    if (s && set_state(o, ssl, s))
        return s;
    session_free(s);
    openssl_leave_alone(o, ssl); /* what it receives next is not its beginning */
    return NULL;
}

void openssl_received(const struct openssl *o, void *ssl, const void *data, size_t len)
{
    if (!ssl || sessions_inside == ssl || !hooks_ready())
        return;
    struct session *s = state_of(o, ssl);
    if (!s && !(s = begin_served(o, ssl)))
        return;
    if (living(s))
        session_received(s, data, len);
    else if (served(s))
        session_asked(s, beneath(o, ssl), data, len);
}

void openssl_answered(const struct openssl *o, const void *ssl, const void *data, size_t len)
{
    if (!ssl || sessions_inside == ssl || !process_is_server())
        return;
    struct session *s = served(state_of(o, ssl));
    if (s)
        session_answered(s, data, len);
}

/* --- reading, and a new life ------------------------------------------------------------------ */

EXPORT int SSL_read(void *ssl, void *data, int len)
{
    const struct openssl *o = openssl_of(CALLER());
    int n = o->read ? o->read(ssl, data, len) : -1;
    if (n > 0)
        openssl_received(o, ssl, data, (size_t)n);
    return n;
}

EXPORT int SSL_read_ex(void *ssl, void *data, size_t len, size_t *got)
{
    const struct openssl *o = openssl_of(CALLER());
    int result = o->read_ex ? o->read_ex(ssl, data, len, got) : 0;
    if (result > 0)
        openssl_received(o, ssl, data, *got);
    return result;
}

/* The library itself calls it where a handshake begins, a first one or that of another connection:
 * within a write, a flush of what was buffered before, or a call that we do not see. */
static void cleared_by_library(const struct openssl *o, void *ssl)
{
    struct session *s = openssl_known(o, ssl);
    unsigned notes = s ? *session_notes(s) : 0;
    if (!(notes & OPENSSL_SHAKEN))
        return;
    if (notes & OPENSSL_BUFFERED)
        openssl_leave_alone(o, ssl); /* what waits in buffers may be of either connection */
    else
        openssl_forget(o, ssl);
}

EXPORT int SSL_clear(void *ssl)
{
    const struct openssl *o = openssl_of(CALLER());
    if (!o->clear)
        return 0;
    if (real_same_object(CALLER(), *(void *const *)&o->clear))
        cleared_by_library(o, ssl);
    else if (sessions_inside != ssl)
        openssl_forget(o, ssl);
    return o->clear(ssl);
}
