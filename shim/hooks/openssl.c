/* OpenSSL: what clients write into sessions, directly or through an SSL BIO. */
#include "hooks/openssl_abi.h"

#include <limits.h>

#include "hooks/real.h"
#include "hooks/sessions.h"
#include "hooks/sites.h"

struct openssl {
    void *(*new)(void *);
    void (*free)(void *);
    int (*clear)(void *);
    int (*write)(void *, const void *, int);
    int (*write_ex)(void *, const void *, size_t, size_t *);
    int (*write_early)(void *, const void *, size_t, size_t *);
    ssize_t (*sendfile)(void *, int, off_t, size_t, int);
    int (*read)(void *, void *, int);
    int (*read_ex)(void *, void *, size_t, size_t *);
    int (*bio_write)(void *, const void *, int);
    int (*bio_write_ex)(void *, const void *, size_t, size_t *);
    /* asked, not hooked */
    int (*is_server)(const void *);
    long (*ctrl)(void *, int, long, void *);
    int (*bio_type)(const void *);
    long (*bio_ctrl)(void *, int, long, void *);
};

static struct ptrmap sessions; /* SSL * */

static bool load(void *copy, const void *caller)
{
    struct openssl *o = copy;
    const struct wanted wanted[] = {
        { "SSL_new", &o->new, false },
        { "SSL_free", &o->free, false },
        { "SSL_clear", &o->clear, false },
        { "SSL_write", &o->write, false },
        { "SSL_write_ex", &o->write_ex, false },
        { "SSL_write_early_data", &o->write_early, false },
        { "SSL_sendfile", &o->sendfile, false },
        { "SSL_read", &o->read, false },
        { "SSL_read_ex", &o->read_ex, false },
        { "BIO_write", &o->bio_write, true },
        { "BIO_write_ex", &o->bio_write_ex, false },
    };
    if (!sites_load(wanted, sizeof wanted / sizeof *wanted, caller))
        return false;
    const void *ssl = *(void **)&o->write, *bio = *(void **)&o->bio_write;
    *(void **)&o->bio_type = real_beside(bio, "BIO_method_type");
    *(void **)&o->bio_ctrl = real_beside(bio, "BIO_ctrl");
    *(void **)&o->is_server = real_beside(ssl, "SSL_is_server");
    *(void **)&o->ctrl = real_beside(ssl, "SSL_ctrl");
    return true;
}

static const struct openssl *openssl_of(const void *caller)
{
    static const struct openssl none;
    static struct openssl slots[COPIES_MAX];
    static struct copies copies = {
        .family = FAMILY_openssl, .size = sizeof *slots, .slots = (char *)slots, .load = load
    };
    const struct openssl *found = sites_copy(&copies, caller);
    return found ? found : &none;
}

/* The session that a write goes into, begun here if it is a client's first; NULL: not ours. */
static struct session *session_for(const struct openssl *o, const void *ssl)
{
    if (sessions_inside == ssl)
        return NULL;
    if (!sessions_is_new(&sessions, ssl))
        return sessions_get(&sessions, ssl);
    if (o->is_server && o->ctrl && o->is_server(ssl) == 0)
        return sessions_begin(&sessions, ssl);
    sessions_leave_alone(&sessions, ssl);
    return NULL;
}

/* --- writing ---------------------------------------------------------------------------------- */

struct call {
    const struct openssl *o;
    void *handle; /* SSL * or BIO * */
    int result;   /* of the last real call */
};

static bool emit_write(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    c->result = c->o->write(c->handle, data, len > INT_MAX ? INT_MAX : (int)len);
    *taken = c->result > 0 ? (size_t)c->result : 0;
    return c->result > 0;
}

static bool emit_write_ex(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    c->result = c->o->write_ex(c->handle, data, len, taken);
    return c->result > 0;
}

static bool emit_early(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    c->result = c->o->write_early(c->handle, data, len, taken);
    return c->result > 0;
}

static bool emit_bio(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    c->result = c->o->bio_write(c->handle, data, len > INT_MAX ? INT_MAX : (int)len);
    *taken = c->result > 0 ? (size_t)c->result : 0;
    return c->result > 0;
}

static bool emit_bio_ex(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    c->result = c->o->bio_write_ex(c->handle, data, len, taken);
    return c->result > 0;
}

static bool ssl_send(struct call *c, void *ssl, struct session *s, const void *data, size_t len,
                     session_emit *emit, size_t *taken)
{
    bool partial = c->o->ctrl(ssl, OPENSSL_CTRL_MODE, 0, NULL) & OPENSSL_MODE_PARTIAL_WRITE;
    return sessions_send(&sessions, ssl, s, data, len, partial, 0, emit, c, taken);
}

EXPORT int SSL_write(void *ssl, const void *data, int len)
{
    struct call c = { .o = openssl_of(CALLER()), .handle = ssl };
    size_t taken;
    if (!c.o->write)
        return -1;
    struct session *s = len > 0 ? session_for(c.o, ssl) : NULL;
    if (!s)
        return c.o->write(ssl, data, len);
    return ssl_send(&c, ssl, s, data, (size_t)len, emit_write, &taken) ? (int)taken : c.result;
}

EXPORT int SSL_write_ex(void *ssl, const void *data, size_t len, size_t *written)
{
    struct call c = { .o = openssl_of(CALLER()), .handle = ssl };
    if (!c.o->write_ex)
        return 0;
    struct session *s = len > 0 ? session_for(c.o, ssl) : NULL;
    if (!s)
        return c.o->write_ex(ssl, data, len, written);
    return ssl_send(&c, ssl, s, data, len, emit_write_ex, written) ? 1 : c.result;
}

EXPORT int SSL_write_early_data(void *ssl, const void *data, size_t len, size_t *written)
{
    struct call c = { .o = openssl_of(CALLER()), .handle = ssl };
    if (!c.o->write_early)
        return 0;
    struct session *s = len > 0 ? session_for(c.o, ssl) : NULL;
    if (!s)
        return c.o->write_early(ssl, data, len, written);
    return ssl_send(&c, ssl, s, data, len, emit_early, written) ? 1 : c.result;
}

EXPORT ssize_t SSL_sendfile(void *ssl, int fd, off_t offset, size_t size, int flags)
{
    const struct openssl *o = openssl_of(CALLER());
    if (!o->sendfile)
        return -1;
    struct session *s = session_for(o, ssl);
    ssize_t n = o->sendfile(ssl, fd, offset, size, flags);
    if (s && n > 0)
        session_skipped(s, (size_t)n);
    return n;
}

/* The SSL * of an SSL BIO, or NULL: another kind. */
static void *bio_ssl(const struct openssl *o, void *bio)
{
    void *ssl = NULL;
    if (bio && o->bio_type && o->bio_ctrl && o->bio_type(bio) == OPENSSL_BIO_TYPE_SSL)
        o->bio_ctrl(bio, OPENSSL_BIO_GET_SSL, 0, &ssl);
    return ssl;
}

EXPORT int BIO_write(void *bio, const void *data, int len)
{
    struct call c = { .o = openssl_of(CALLER()), .handle = bio };
    size_t taken;
    if (!c.o->bio_write)
        return -2;
    void *ssl = len > 0 ? bio_ssl(c.o, bio) : NULL;
    struct session *s = ssl ? session_for(c.o, ssl) : NULL;
    if (!s)
        return c.o->bio_write(bio, data, len);
    return ssl_send(&c, ssl, s, data, (size_t)len, emit_bio, &taken) ? (int)taken : c.result;
}

EXPORT int BIO_write_ex(void *bio, const void *data, size_t len, size_t *written)
{
    struct call c = { .o = openssl_of(CALLER()), .handle = bio };
    size_t taken;
    if (!c.o->bio_write_ex)
        return 0;
    void *ssl = len > 0 ? bio_ssl(c.o, bio) : NULL;
    struct session *s = ssl ? session_for(c.o, ssl) : NULL;
    if (!s)
        return c.o->bio_write_ex(bio, data, len, written);
    if (!ssl_send(&c, ssl, s, data, len, emit_bio_ex, &taken))
        return c.result;
    if (written)
        *written = taken;
    return 1;
}

/* --- reading, and the life of a session ------------------------------------------------------- */

EXPORT int SSL_read(void *ssl, void *data, int len)
{
    const struct openssl *o = openssl_of(CALLER());
    int n = o->read ? o->read(ssl, data, len) : -1;
    struct session *s = n > 0 ? sessions_get(&sessions, ssl) : NULL;
    if (s && sessions_inside != ssl)
        session_received(s, data, (size_t)n);
    return n;
}

EXPORT int SSL_read_ex(void *ssl, void *data, size_t len, size_t *got)
{
    const struct openssl *o = openssl_of(CALLER());
    int result = o->read_ex ? o->read_ex(ssl, data, len, got) : 0;
    struct session *s = result > 0 ? sessions_get(&sessions, ssl) : NULL;
    if (s && sessions_inside != ssl)
        session_received(s, data, *got);
    return result;
}

EXPORT void *SSL_new(void *context)
{
    const struct openssl *o = openssl_of(CALLER());
    void *ssl = o->new ? o->new (context) : NULL;
    sessions_forget(&sessions, ssl);
    return ssl;
}

/* Maybe not its last reference: until SSL_new gives out the address again, it is left alone. */
EXPORT void SSL_free(void *ssl)
{
    const struct openssl *o = openssl_of(CALLER());
    if (ssl && sessions_get(&sessions, ssl))
        sessions_leave_alone(&sessions, ssl);
    if (o->free)
        o->free(ssl);
}

EXPORT int SSL_clear(void *ssl)
{
    const struct openssl *o = openssl_of(CALLER());
    sessions_forget(&sessions, ssl);
    return o->clear ? o->clear(ssl) : 0;
}
