/* OpenSSL's BIOs: what is written into an SSL BIO, or into buffers before one. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "hooks/hooks.h"
#include "hooks/openssl.h"
#include "hooks/real.h"
#include "hooks/sessions.h"

#define CHAIN_MAX 8
#define TEXT_MAX  (1 << 20) /* of one BIO_printf */

/* Where the bytes of a BIO go: into `ssl` as they are, unless `changed`. */
struct route {
    void *ssl; /* NULL: into no session */
    bool buffered;
    bool changed; /* by a filter that we do not know */
};

static bool is_buffer(int type)
{
    return type == OPENSSL_BIO_BUFFER || type == OPENSSL_BIO_LINE_BUFFER ||
           type == OPENSSL_BIO_NULL_FILTER;
}

static struct route route_of(const struct openssl *o, void *bio)
{
    struct route r = { 0 };
    if (!bio || !o->bio_type || !o->bio_next || !o->bio_ctrl || !o->write || !hooks_ready())
        return r;
    int type = o->bio_type(bio);
    for (int i = 0; bio && i < CHAIN_MAX && (type & OPENSSL_BIO_FILTER); i++) {
        if (type == OPENSSL_BIO_SSL) {
            o->bio_ctrl(bio, OPENSSL_BIO_GET_SSL, 0, &r.ssl);
            return r;
        }
        r.buffered = true;
        r.changed = r.changed || !is_buffer(type);
        bio = o->bio_next(bio);
        type = bio ? o->bio_type(bio) : 0;
    }
    return r;
}

/* Where the library does not bind its own calls, a buffer that is flushed comes by us once more,
 * with what was written into it. */
static bool is_flush(const struct openssl *o, struct session *s, const void *caller)
{
    return (*session_notes(s) & OPENSSL_BUFFERED) &&
           real_same_object(caller, *(void *const *)&o->bio_write);
}

static struct session *session_of(const struct openssl *o, const struct route *r,
                                  const void *caller)
{
    if (!r->ssl)
        return NULL;
    openssl_answered(o, r->ssl, NULL, 0);
    if (r->changed) {
        openssl_leave_alone(o, r->ssl);
        return NULL;
    }
    struct session *s = openssl_known(o, r->ssl);
    if (s && !r->buffered && is_flush(o, s, caller))
        return NULL;
    return openssl_session(o, r->ssl, r->buffered ? OPENSSL_BUFFERED : OPENSSL_DIRECT);
}

struct call {
    const struct openssl *o;
    void *bio;
    struct route route;
    int result; /* of the last real call */
};

static enum session_result emit_bio(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    c->result = c->o->bio_write(c->bio, data, len > INT_MAX ? INT_MAX : (int)len);
    *taken = c->result > 0 ? (size_t)c->result : 0;
    return openssl_result(c->o, c->route.ssl, c->result > 0);
}

static enum session_result emit_bio_ex(void *arg, const void *data, size_t len, size_t *taken)
{
    struct call *c = arg;
    c->result = c->o->bio_write_ex(c->bio, data, len, taken);
    return openssl_result(c->o, c->route.ssl, c->result > 0);
}

/* A buffer that takes a part offers the rest from where it was to the session, and then is given
 * that again by us from somewhere else: the session has to allow for that. */
static bool bio_send(struct call *c, struct session *s, const void *data, size_t len,
                     struct session_way way, size_t *taken)
{
    if (c->route.buffered)
        c->o->ctrl(c->route.ssl, OPENSSL_CTRL_MODE, OPENSSL_MODE_MOVING_BUFFER, NULL);
    way.arg = c;
    return openssl_send(c->o, c->route.ssl, s, data, len, way, taken);
}

EXPORT int BIO_write(void *bio, const void *data, int len)
{
    struct call c = { .o = openssl_of(CALLER()), .bio = bio };
    const struct session_way way = { .emit = emit_bio };
    size_t taken;
    if (!c.o->bio_write)
        return -2;
    if (len > 0)
        c.route = route_of(c.o, bio);
    struct session *s = session_of(c.o, &c.route, CALLER());
    if (!s)
        return c.o->bio_write(bio, data, len);
    return bio_send(&c, s, data, (size_t)len, way, &taken) ? (int)taken : c.result;
}

EXPORT int BIO_write_ex(void *bio, const void *data, size_t len, size_t *written)
{
    struct call c = { .o = openssl_of(CALLER()), .bio = bio };
    const struct session_way way = { .emit = emit_bio_ex };
    size_t taken;
    if (!c.o->bio_write_ex)
        return 0;
    if (len > 0)
        c.route = route_of(c.o, bio);
    struct session *s = session_of(c.o, &c.route, CALLER());
    if (!s)
        return c.o->bio_write_ex(bio, data, len, written);
    bool ok = bio_send(&c, s, data, len, way, &taken);
    if (written)
        *written = taken;
    return ok ? 1 : c.result;
}

/* An SSL BIO writes strings by BIO_write, and so through our hook; a buffer does not. */
EXPORT int BIO_puts(void *bio, const char *string)
{
    struct call c = { .o = openssl_of(CALLER()), .bio = bio };
    const struct session_way way = { .emit = emit_bio };
    size_t taken;
    if (!c.o->bio_puts)
        return -2;
    if (string && *string)
        c.route = route_of(c.o, bio);
    struct session *s = c.route.buffered ? session_of(c.o, &c.route, CALLER()) : NULL;
    if (!s)
        return c.o->bio_puts(bio, string);
    return bio_send(&c, s, string, strlen(string), way, &taken) ? (int)taken : c.result;
}

/* As the library's own printf makes it, to be freed; NULL: no memory, or too long. */
static char *text_of(const struct openssl *o, const char *format, va_list args)
{
    char *text = NULL;
    for (size_t room = 2048; room <= TEXT_MAX; room *= 2) {
        va_list again;
        free(text);
        if (!(text = malloc(room)))
            return NULL;
        va_copy(again, args);
        int len = o->bio_vsnprintf(text, room, format, again);
        va_end(again);
        if (len >= 0 && (size_t)len < room)
            return text;
    }
    free(text);
    return NULL;
}

static int print(const struct openssl *o, void *bio, const char *format, va_list args)
{
    const struct session_way way = { .emit = emit_bio, .moving = true, .given = true };
    struct call c = { .o = o, .bio = bio };
    size_t taken;
    if (!o->bio_vprintf)
        return -2;
    if (o->bio_vsnprintf)
        c.route = route_of(o, bio);
    struct session *s = session_of(o, &c.route, NULL);
    char *text = s ? text_of(o, format, args) : NULL;
    if (!text || !*text) {
        free(text);
        if (s && !text)
            session_give_up(s);
        return o->bio_vprintf(bio, format, args);
    }
    return bio_send(&c, s, text, strlen(text), way, &taken) ? (int)taken : c.result;
}

EXPORT int BIO_vprintf(void *bio, const char *format, va_list args)
{
    return print(openssl_of(CALLER()), bio, format, args);
}

EXPORT int BIO_printf(void *bio, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int result = print(openssl_of(CALLER()), bio, format, args);
    va_end(args);
    return result;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* A read that is under way: what the library calls itself meanwhile is not seen a second time. */
struct reading {
    const struct openssl *o;
    void *ssl;
    const void *outer;
};

static struct reading reading_begin(const struct openssl *o, void *bio)
{
    const struct route r = route_of(o, bio);
    struct reading now = { .o = o, .ssl = r.changed ? NULL : r.ssl, .outer = sessions_inside };
    if (now.ssl == now.outer)
        now.ssl = NULL;
    if (now.ssl)
        sessions_inside = now.ssl;
    return now;
}

static void reading_end(const struct reading *now, const void *data, size_t len)
{
    sessions_inside = now->outer;
    if (now->ssl && len)
        openssl_received(now->o, now->ssl, data, len);
}

EXPORT int BIO_read(void *bio, void *data, int len)
{
    const struct openssl *o = openssl_of(CALLER());
    const struct reading now = reading_begin(o, bio);
    int n = o->bio_read ? o->bio_read(bio, data, len) : -2;
    reading_end(&now, data, n > 0 ? (size_t)n : 0);
    return n;
}

EXPORT int BIO_read_ex(void *bio, void *data, size_t len, size_t *got)
{
    const struct openssl *o = openssl_of(CALLER());
    const struct reading now = reading_begin(o, bio);
    size_t n = 0;
    int result = o->bio_read_ex ? o->bio_read_ex(bio, data, len, &n) : 0;
    if (got)
        *got = n;
    reading_end(&now, data, result > 0 ? n : 0);
    return result;
}

EXPORT int BIO_gets(void *bio, char *line, int size)
{
    const struct openssl *o = openssl_of(CALLER());
    const struct reading now = reading_begin(o, bio);
    int n = o->bio_gets ? o->bio_gets(bio, line, size) : -2;
    reading_end(&now, line, n > 0 ? (size_t)n : 0);
    return n;
}
