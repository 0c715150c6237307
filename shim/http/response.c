#include "http/response.h"

#include "http/scan.h"

enum {
    BEGIN, /* pos bytes of "HTTP/1." were read */
    MINOR,
    SPACE,
    CODE,
    CODE_END,
    REASON,
    LINE_LF,
    IN_HEAD,
    IN_BODY,
    CLOSED,
    OPAQUE,
};

#define WATCHED (1u << HTTP_LENGTH | 1u << HTTP_CODING | 1u << HTTP_CONNECTION)

_Static_assert(sizeof(struct http_response) <= 128, "a tracked connection costs 1 KB at most");

void http_response_init(struct http_response *r)
{
    *r = (struct http_response){ .state = BEGIN };
}

void http_response_expect(struct http_response *r, enum http_method method)
{
    const unsigned at = (r->first + r->count) % HTTP_OUTSTANDING_MAX;
    const unsigned shift = at % 4 * 2;
    uint8_t *const slot = &r->methods[at / 4];

    if (r->count == HTTP_OUTSTANDING_MAX) {
        r->state = OPAQUE;
        return;
    }
    *slot = (uint8_t)((*slot & ~(3u << shift)) | (unsigned)method << shift);
    r->count++;
}

unsigned http_response_outstanding(const struct http_response *r)
{
    return r->count;
}

static unsigned front(const struct http_response *r)
{
    return r->methods[r->first / 4] >> (r->first % 4 * 2) & 3;
}

static void pop(struct http_response *r)
{
    r->first = (uint8_t)((r->first + 1) % HTTP_OUTSTANDING_MAX);
    r->count--;
}

static void next_response(struct http_response *r)
{
    r->state = BEGIN;
    r->pos = 0;
}

static size_t go(struct http_response *r, uint8_t state, size_t consumed)
{
    r->state = state;
    return consumed;
}

static size_t doubt(struct http_piece *out, size_t consumed)
{
    out->event = HTTP_OPAQUE;
    return consumed;
}

static size_t begin(struct http_response *r, char c, struct http_piece *out)
{
    static const struct span prefix = { "HTTP/1.", 7 };

    if (r->count == 0 || c != prefix.at[r->pos])
        return doubt(out, 0);
    return go(r, ++r->pos == prefix.len ? MINOR : BEGIN, 1);
}

static size_t minor(struct http_response *r, char c, struct http_piece *out)
{
    if (c != '0' && c != '1')
        return doubt(out, 0);
    r->minor = (uint8_t)(c - '0');
    return go(r, SPACE, 1);
}

static size_t space(struct http_response *r, char c, struct http_piece *out)
{
    if (c != ' ')
        return doubt(out, 0);
    r->pos = 0;
    r->status = 0;
    return go(r, CODE, 1);
}

static size_t code(struct http_response *r, char c, struct http_piece *out)
{
    if (c < (r->pos ? '0' : '1') || c > '9')
        return doubt(out, 0);
    r->status = (uint16_t)(r->status * 10 + (c - '0'));
    return go(r, ++r->pos == 3 ? CODE_END : CODE, 1);
}

/* Some leave out the space in front of an empty reason. */
static size_t code_end(struct http_response *r, char c, struct http_piece *out)
{
    if (c == ' ')
        return go(r, REASON, 1);
    return c == '\r' || c == '\n' ? go(r, REASON, 0) : doubt(out, 0);
}

static size_t line_done(struct http_response *r, bool bare_lf, size_t consumed,
                        struct http_piece *out)
{
    head_begin(&r->head, &http_watch_basic, WATCHED, bare_lf);
    framing_begin(&r->framing);
    out->event = HTTP_STATUS;
    out->status = r->status;
    out->minor = r->minor;
    return go(r, IN_HEAD, consumed);
}

static size_t reason(struct http_response *r, struct span in, struct http_piece *out)
{
    const size_t n = scan_text(in.at, in.len);

    if (n == in.len)
        return n;
    if (in.at[n] == '\n')
        return line_done(r, true, n + 1, out);
    return in.at[n] == '\r' ? go(r, LINE_LF, n + 1) : doubt(out, n);
}

/* The first line at one look, if it is all there and right; 0: the long way. */
static size_t line_at_once(struct http_response *r, struct span in)
{
    const char *const at = in.at;
    size_t n = 12;

    if (r->state != BEGIN || r->pos || !r->count || in.len < 16 || memcmp(at, "HTTP/1.", 7) != 0)
        return 0;
    if ((at[7] != '0' && at[7] != '1') || at[8] != ' ' || at[9] < '1' || at[9] > '9' ||
        at[10] < '0' || at[10] > '9' || at[11] < '0' || at[11] > '9')
        return 0;
    if (at[n] != ' ' && at[n] != '\r')
        return 0;
    n += scan_below(at + n, in.len - n, ' ');
    if (in.len - n < 2 || memcmp(at + n, "\r\n", 2) != 0)
        return 0;
    r->minor = (uint8_t)(at[7] - '0');
    r->status = (uint16_t)((at[9] - '0') * 100 + (at[10] - '0') * 10 + (at[11] - '0'));
    return n + 2;
}

/* RFC 9112 section 6.3, the first rules: the status and the request's method decide before any
 * field. */
static bool has_no_body(const struct http_response *r)
{
    const unsigned method = front(r);

    return method == HTTP_HEAD || r->status < 200 || r->status == 204 || r->status == 304 ||
           (method == HTTP_CONNECT && r->status < 300);
}

/* How long the body is; false: that is in doubt. */
static bool begin_body(struct http_response *r, const struct http_framing *f)
{
    enum framing_kind kind = FRAMING_NONE;

    if (!has_no_body(r))
        kind = framing_response(f, r->minor);
    if (kind == FRAMING_DOUBT)
        return false;
    body_begin(&r->body, kind, f->length);
    r->close = kind == FRAMING_CLOSE || framing_closes(f, r->minor);
    return true;
}

static void head_end(struct http_response *r, struct http_piece *out)
{
    if (begin_body(r, &r->framing))
        out->close = r->close;
    else
        out->event = HTTP_OPAQUE;
}

static void head_done(struct http_response *r, struct http_piece *out)
{
    const bool tunnel = r->status == 101 || (front(r) == HTTP_CONNECT && r->status / 100 == 2);

    out->event = tunnel ? HTTP_OPAQUE : HTTP_GO;
    out->upgrade = tunnel;
    if (r->status / 100 == 1)
        next_response(r);
    else
        r->state = IN_BODY;
}

/* The lines that come in one piece. */
static size_t whole_lines(struct http_response *r, struct span in)
{
    struct http_head_line line;
    size_t used = 0;

    do {
        used += head_lines(&r->head, rest_of(in, used), &line);
        if (line.own)
            framing_line(&r->framing, line.field, line.value);
    } while (line.own && in.len - used >= HEAD_LINE_MIN);
    return used;
}

static size_t in_head(struct http_response *r, struct span in, struct http_piece *out)
{
    const size_t whole = head_at_line(&r->head) ? whole_lines(r, in) : 0;
    const size_t n = whole + head_next(&r->head, rest_of(in, whole), out);

    switch (out->event) {
    case HTTP_VALUE:
        framing_value(&r->framing, out->field, out->value);
        out->event = HTTP_GO;
        break;
    case HTTP_FIELD_END:
        framing_line_end(&r->framing, out->field);
        out->event = HTTP_GO;
        break;
    case HTTP_HEAD_END:
        head_end(r, out);
        break;
    case HTTP_DONE:
        head_done(r, out);
        break;
    default:
        break;
    }
    return n;
}

static void response_done(struct http_response *r)
{
    pop(r);
    next_response(r);
    if (r->close)
        r->state = CLOSED;
}

static size_t in_body(struct http_response *r, struct span in, struct http_piece *out)
{
    const size_t n = body_next(&r->body, in, out);

    if (out->event == HTTP_DONE) {
        out->close = r->close;
        response_done(r);
    }
    return n;
}

static size_t in_line(struct http_response *r, struct span in, struct http_piece *out)
{
    const char c = *in.at;
    size_t used;

    switch (r->state) {
    case BEGIN:
        used = line_at_once(r, in);
        return used ? line_done(r, false, used, out) : begin(r, c, out);
    case MINOR:
        return minor(r, c, out);
    case SPACE:
        return space(r, c, out);
    case CODE:
        return code(r, c, out);
    case CODE_END:
        return code_end(r, c, out);
    case REASON:
        return reason(r, in, out);
    case LINE_LF:
        return c == '\n' ? line_done(r, false, 1, out) : doubt(out, 0);
    default: /* CLOSED */
        return doubt(out, 0);
    }
}

static size_t step(struct http_response *r, struct span in, struct http_piece *out)
{
    switch (r->state) {
    case IN_HEAD:
        return in_head(r, in, out);
    case IN_BODY:
        return in_body(r, in, out);
    case OPAQUE:
        return doubt(out, in.len);
    default:
        if (in.len)
            return in_line(r, in, out);
        out->event = HTTP_MORE;
        return 0;
    }
}

size_t http_response_next(struct http_response *r, struct span in, struct http_piece *out)
{
    size_t used = 0;

    if (in.len == 0 && r->state <= IN_HEAD) {
        *out = (struct http_piece){ .event = HTTP_MORE };
        return 0;
    }

    do {
        *out = (struct http_piece){ .event = HTTP_GO };
        used += step(r, rest_of(in, used), out);
    } while (out->event == HTTP_GO);
    if (out->event == HTTP_OPAQUE)
        r->state = OPAQUE;
    return used;
}

/* An interim answer, or one that begins a tunnel, is no usual one. */
static bool is_usual(const struct http_response *r)
{
    return r->status >= 200 && (front(r) != HTTP_CONNECT || r->status >= 300);
}

size_t http_response_whole(struct http_response *r, struct span in, struct http_whole_response *out)
{
    struct http_whole lines;
    size_t used = line_at_once(r, in);

    if (!used || !is_usual(r) ||
        !http_whole_lines(&lines, &http_watch_basic, WATCHED, rest_of(in, used)) ||
        !begin_body(r, &lines.framing))
        return 0;
    used += lines.len + 2;
    used += body_counted(&r->body, in.len - used);
    out->status = r->status;
    out->close = r->close;
    out->done = body_is_complete(&r->body);
    if (out->done)
        response_done(r);
    else
        r->state = IN_BODY;
    return used;
}

void http_response_skip(struct http_response *r, uint64_t count)
{
    if (count && (r->state != IN_BODY || !body_skip(&r->body, count)))
        r->state = OPAQUE;
}

void http_response_give_up(struct http_response *r)
{
    r->state = OPAQUE;
}

bool http_response_is_opaque(const struct http_response *r)
{
    return r->state == OPAQUE;
}

enum http_end http_response_close(struct http_response *r)
{
    const bool completes = r->state == IN_BODY && body_until_close(&r->body);

    if (r->state == OPAQUE)
        return HTTP_END_UNKNOWN;
    r->state = CLOSED;
    if (completes) {
        pop(r);
        return HTTP_END_COMPLETE;
    }
    return r->count ? HTTP_END_CUT : HTTP_END_IDLE;
}
