/* OpenSSL: the functions that write into a session. */
#include <limits.h>
#include <string.h>

#include "hooks/openssl.h"
#include "hooks/real.h"
#include "hooks/sessions.h"

static enum session_result wanted(const struct openssl *o, const void *ssl)
{
    return o->want(ssl) == OPENSSL_WRITING ? SESSION_AGAIN : SESSION_FAILED;
}

/* While it shakes hands nothing of the program's data is kept, whatever it waits for: what comes
 * next may be other data. */
enum session_result openssl_result(const struct openssl *o, const void *ssl, bool took)
{
    if (took)
        return SESSION_TOOK;
    return o->in_init && o->in_init(ssl) ? SESSION_FAILED : wanted(o, ssl);
}

struct call {
    const struct openssl *o;
    void *ssl;
    uint64_t flags; /* of SSL_write_ex2 */
    int result;     /* of the last real call */
};

static enum session_result emit_write(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    c->result = c->o->write(c->ssl, data, len > INT_MAX ? INT_MAX : (int)len);
    *taken = c->result > 0 ? (size_t)c->result : 0;
    return openssl_result(c->o, c->ssl, c->result > 0);
}

static enum session_result emit_write_ex(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    c->result = c->o->write_ex(c->ssl, data, len, taken);
    return openssl_result(c->o, c->ssl, c->result > 0);
}

static enum session_result emit_write_ex2(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    c->result = c->o->write_ex2(c->ssl, data, len, c->flags, taken);
    return openssl_result(c->o, c->ssl, c->result > 0);
}

/* It is sent in the middle of the handshake. */
static enum session_result emit_early(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    c->result = c->o->write_early(c->ssl, data, len, taken);
    return c->result > 0 ? SESSION_TOOK : wanted(c->o, c->ssl);
}

/* Early data is taken as a whole or not, in every mode. */
bool openssl_send(const struct openssl *o, void *ssl, struct session *s, const void *data,
                  size_t len, struct session_way way, size_t *taken)
{
    long mode = o->ctrl(ssl, OPENSSL_CTRL_MODE, 0, NULL);
    way.may_split = (mode & OPENSSL_MODE_PARTIAL_WRITE) && way.emit != emit_early;
    way.moving = way.moving || (mode & OPENSSL_MODE_MOVING_BUFFER);
    bool ok = sessions_send(ssl, s, data, len, &way, taken);
    if (o->in_init && !o->in_init(ssl))
        *session_notes(s) |= OPENSSL_SHAKEN;
    return ok;
}

/* Of a server's session, or one that is none of ours: inside of it a library that does not bind its
 * own calls comes by us once more. */
static int answer(struct call *c, int (*write)(struct call *, const void *, size_t, size_t *),
                  const void *data, size_t len, size_t *written)
{
    const void *outer = sessions_inside;
    bool seen = process_is_server() && outer != c->ssl;
    if (seen)
        sessions_inside = c->ssl;
    int result = write(c, data, len, written);
    sessions_inside = outer;
    if (seen && result > 0)
        openssl_answered(c->o, c->ssl, data, written ? *written : (size_t)result);
    return result;
}

static int plain_write(struct call *c, const void *data, size_t len, size_t *written)
{
    (void)written;
    return c->o->write(c->ssl, data, (int)len);
}

static int plain_write_ex(struct call *c, const void *data, size_t len, size_t *written)
{
    return c->o->write_ex(c->ssl, data, len, written);
}

static int plain_write_ex2(struct call *c, const void *data, size_t len, size_t *written)
{
    return c->o->write_ex2(c->ssl, data, len, c->flags, written);
}

EXPORT int SSL_write(void *ssl, const void *data, int len)
{
    struct call c = { .o = openssl_of(CALLER()), .ssl = ssl };
    size_t taken;
    if (!c.o->write)
        return -1;
    struct session *s = len > 0 ? openssl_session(c.o, ssl, OPENSSL_DIRECT) : NULL;
    if (!s)
        return answer(&c, plain_write, data, (size_t)len, NULL);
    const struct session_way way = { .emit = emit_write, .arg = &c };
    return openssl_send(c.o, ssl, s, data, (size_t)len, way, &taken) ? (int)taken : c.result;
}

EXPORT int SSL_write_ex(void *ssl, const void *data, size_t len, size_t *written)
{
    struct call c = { .o = openssl_of(CALLER()), .ssl = ssl };
    size_t taken;
    if (!c.o->write_ex)
        return 0;
    struct session *s = len > 0 ? openssl_session(c.o, ssl, OPENSSL_DIRECT) : NULL;
    if (!s)
        return answer(&c, plain_write_ex, data, len, written);
    const struct session_way way = { .emit = emit_write_ex, .arg = &c };
    if (!openssl_send(c.o, ssl, s, data, len, way, &taken))
        return c.result;
    *written = taken;
    return 1;
}

/* Its flags mean something to QUIC alone, which is none of ours, and are refused by TLS. */
EXPORT int SSL_write_ex2(void *ssl, const void *data, size_t len, uint64_t flags, size_t *written)
{
    struct call c = { .o = openssl_of(CALLER()), .ssl = ssl, .flags = flags };
    size_t taken;
    if (!c.o->write_ex2)
        return 0;
    struct session *s = len > 0 ? openssl_session(c.o, ssl, OPENSSL_DIRECT) : NULL;
    if (!s)
        return answer(&c, plain_write_ex2, data, len, written);
    const struct session_way way = { .emit = emit_write_ex2, .arg = &c };
    if (!openssl_send(c.o, ssl, s, data, len, way, &taken))
        return c.result;
    *written = taken;
    return 1;
}

/* The server says how much early data it takes; what is ours must not make it more. */
static bool fits_early(const struct openssl *o, const void *ssl, struct session *s,
                       const char *data, size_t len)
{
    unsigned *notes = session_notes(s);
    size_t need = len, most = 0, one = session_most_ours();
    const void *known = o->session_of ? o->session_of(ssl) : NULL;
    if (known && o->max_early)
        most = o->max_early(known);
    for (const char *at = data; (at = memmem(at, len - (size_t)(at - data), "HTTP/1.", 7)); at++)
        need += one;
    need += one + *notes / OPENSSL_EARLY_BYTE; /* and for a line that is not over */
    if (need > most || need > UINT_MAX / OPENSSL_EARLY_BYTE)
        return false;
    *notes = *notes % OPENSSL_EARLY_BYTE + (unsigned)need * OPENSSL_EARLY_BYTE;
    return true;
}

EXPORT int SSL_write_early_data(void *ssl, const void *data, size_t len, size_t *written)
{
    struct call c = { .o = openssl_of(CALLER()), .ssl = ssl };
    size_t taken;
    if (!c.o->write_early)
        return 0;
    struct session *s = len > 0 ? openssl_session(c.o, ssl, OPENSSL_EARLY) : NULL;
    if (!s)
        return c.o->write_early(ssl, data, len, written);
    if (!session_is_retry(s) && !fits_early(c.o, ssl, s, data, len))
        session_give_up(s);
    const struct session_way way = { .emit = emit_early, .arg = &c };
    if (!openssl_send(c.o, ssl, s, data, len, way, &taken))
        return c.result;
    *written = taken;
    return 1;
}

EXPORT ssize_t SSL_sendfile(void *ssl, int fd, off_t offset, size_t size, int flags)
{
    const struct openssl *o = openssl_of(CALLER());
    if (!o->sendfile)
        return -1;
    struct session *s = openssl_session(o, ssl, OPENSSL_DIRECT);
    const void *outer = sessions_inside;
    sessions_inside = ssl;
    ssize_t n = o->sendfile(ssl, fd, offset, size, flags);
    sessions_inside = outer;
    if (s && n > 0)
        session_skipped(s, (size_t)n);
    else if (n > 0)
        openssl_answered(o, ssl, NULL, (size_t)n);
    return n;
}
