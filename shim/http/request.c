#include "http/request.h"

#include "http/scan.h"

enum { IN_LINE, IN_HEAD, IN_BODY, WAITING, OPAQUE };

_Static_assert(sizeof(struct http_request) <= 480, "a tracked connection costs 1 KB at most");

static void next_request(struct http_request *r)
{
    r->state = IN_LINE;
    r->pending = false;
    r->expect = false;
    line_begin(&r->line);
}

void http_request_init(struct http_request *r, const struct http_watch *watch)
{
    *r = (struct http_request){ .watch = watch ? watch : &http_watch_basic };
    next_request(r);
}

static size_t in_line(struct http_request *r, struct span in, struct http_piece *out)
{
    size_t n;

    if (line_untouched(&r->line) && in.len)
        host_begin(&r->host);
    n = line_next(&r->line, &r->host, in, out);
    if (out->event == HTTP_LINE) {
        head_begin(&r->head, r->watch, UINT32_MAX, r->line.bare_lf);
        framing_begin(&r->framing);
        r->state = IN_HEAD;
    }
    return n;
}

static bool is_ours(unsigned field)
{
    return field >= HTTP_HOST && field < HTTP_FORWARD;
}

static void field_value(struct http_request *r, struct http_piece *out)
{
    if (out->field == HTTP_HOST)
        host_value(&r->host, out->value);
    else if (is_ours(out->field))
        framing_value(&r->framing, out->field, out->value);
    else if (r->line.method != HTTP_CONNECT)
        return;
    out->event = HTTP_GO;
}

static void field_end(struct http_request *r, struct http_piece *out)
{
    if (out->field == HTTP_HOST)
        host_line_end(&r->host);
    else if (is_ours(out->field))
        framing_line_end(&r->framing, out->field);
    else if (r->line.method != HTTP_CONNECT)
        return;
    out->event = HTTP_GO;
}

/* At the empty line's first byte: whether this request is one that may be touched. */
static void head_end(struct http_request *r, struct http_piece *out)
{
    const bool connect = r->line.method == HTTP_CONNECT;

    r->kind = (uint8_t)framing_request(&r->framing, r->line.minor);
    if (r->kind == FRAMING_DOUBT || (connect && r->kind != FRAMING_NONE)) {
        out->event = HTTP_OPAQUE;
        return;
    }
    out->close = framing_closes(&r->framing, r->line.minor);
    out->upgrade = (r->framing.facts & SAYS_UPGRADE) != 0;
    out->expect = (r->framing.facts & SAYS_EXPECT) && r->kind != FRAMING_NONE;
    r->expect = out->expect;
    r->pending = connect || out->upgrade;
    if (connect)
        out->event = HTTP_GO;
}

/* The lines that come in one piece, up to one that is to be told. */
static size_t whole_lines(struct http_request *r, struct span in, struct http_piece *out)
{
    struct http_head_line line;
    size_t used = 0;

    do {
        used += head_lines(&r->head, rest_of(in, used), &line);
        if (line.field == HTTP_HOST) {
            host_value(&r->host, line.value);
            host_line_end(&r->host);
        } else if (line.own) {
            framing_line(&r->framing, line.field, line.value);
        }
    } while (line.own && in.len - used >= HEAD_LINE_MIN);
    if (!line.own && line.value.len) {
        out->event = HTTP_VALUE;
        out->field = line.field;
        out->value = line.value;
    }
    return used;
}

static void request_done(struct http_request *r)
{
    if (r->pending)
        r->state = WAITING;
    else
        next_request(r);
}

static size_t in_head(struct http_request *r, struct span in, struct http_piece *out)
{
    size_t n = 0;

    if (head_at_line(&r->head))
        n = whole_lines(r, in, out);
    if (out->event == HTTP_GO)
        n += head_next(&r->head, rest_of(in, n), out);
    if (out->event == HTTP_VALUE) {
        field_value(r, out);
    } else if (out->event == HTTP_FIELD_END) {
        field_end(r, out);
    } else if (out->event == HTTP_HEAD_END) {
        head_end(r, out);
    } else if (out->event == HTTP_DONE && r->kind == FRAMING_NONE) {
        request_done(r);
    } else if (out->event == HTTP_DONE) {
        body_begin(&r->body, r->kind, r->framing.length);
        r->state = IN_BODY;
        out->event = HTTP_GO;
    }
    return n;
}

static size_t in_body(struct http_request *r, struct span in, struct http_piece *out)
{
    const size_t n = body_next(&r->body, in, out);

    if (n)
        r->expect = false;
    if (out->event == HTTP_DONE)
        request_done(r);
    return n;
}

static size_t step(struct http_request *r, struct span in, struct http_piece *out)
{
    switch (r->state) {
    case IN_LINE:
        return in_line(r, in, out);
    case IN_HEAD:
        return in_head(r, in, out);
    case IN_BODY:
        return in_body(r, in, out);
    case WAITING:
        out->event = in.len ? HTTP_OPAQUE : HTTP_MORE;
        return 0;
    default:
        out->event = HTTP_OPAQUE;
        return in.len;
    }
}

static void darken(struct http_request *r, enum http_dark why)
{
    if (r->state != OPAQUE)
        r->why = (uint8_t)why;
    r->state = OPAQUE;
}

static enum http_dark pending_why(const struct http_request *r)
{
    return r->line.method == HTTP_CONNECT ? HTTP_DARK_TUNNEL : HTTP_DARK_UPGRADE;
}

/* The framer itself found something; `rest` begins with the byte that it stumbled over. */
static __attribute__((cold)) void stumble(struct http_request *r, struct span rest)
{
    enum http_dark why = HTTP_DARK_FRAMING;

    if (r->state == IN_LINE)
        why = rest.len && line_is_http2(&r->line, *rest.at) ? HTTP_DARK_HTTP2 : HTTP_DARK_NOT_HTTP;
    else if (r->state == WAITING)
        why = pending_why(r);
    darken(r, why);
}

enum http_dark http_request_why(const struct http_request *r)
{
    return (enum http_dark)r->why;
}

size_t http_request_next(struct http_request *r, struct span in, struct http_piece *out)
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
        stumble(r, rest_of(in, used));
    return used;
}

/* What goes another way than most: its bytes, or what follows, depend on more than its head. */
static bool is_plain(const struct http_framing *f, enum framing_kind kind)
{
    return (kind == FRAMING_NONE || kind == FRAMING_LENGTH) &&
           !(f->facts & (SAYS_UPGRADE | SAYS_EXPECT));
}

bool http_request_whole(const struct http_request *r, const struct http_watch *watch,
                        struct span in, struct http_whole_request *out, struct http_whole *lines)
{
    const uint32_t watched = ~(1u << HTTP_HOST);
    size_t line, body;
    enum framing_kind kind;

    out->line = r->line;
    if (r->state != IN_LINE || !(line = line_at_once(&out->line, in)) ||
        !http_whole_lines(lines, watch, watched, rest_of(in, line)))
        return false;
    kind = framing_request(&lines->framing, out->line.minor);
    if (!is_plain(&lines->framing, kind))
        return false;
    out->head = line + lines->len;
    out->len = out->head + 2;
    out->left = kind == FRAMING_LENGTH ? lines->framing.length : 0;
    body = in.len - out->len < out->left ? in.len - out->len : (size_t)out->left;
    out->len += body;
    out->left -= body;
    return true;
}

void http_request_take(struct http_request *r, const struct http_watch *watch,
                       const struct http_whole_request *w)
{
    http_request_watch(r, watch);
    host_begin(&r->host);
    r->line = w->line;
    next_request(r);
    if (w->left) {
        body_begin(&r->body, FRAMING_LENGTH, w->left);
        r->state = IN_BODY;
    }
}

void http_request_skip(struct http_request *r, uint64_t count)
{
    if (count == 0)
        return;
    if (r->state != IN_BODY || !body_skip(&r->body, count))
        darken(r, HTTP_DARK_UNSEEN);
    r->expect = false;
}

void http_request_answer(struct http_request *r, unsigned status)
{
    const bool interim = status < 200;
    const bool accepted = r->line.method == HTTP_CONNECT ? status / 100 == 2 : status == 101;

    if (r->state == OPAQUE)
        return;
    /* An answer to half a head leaves open whether the rest of the message will follow. */
    if (accepted || (!interim && (r->expect || r->state == IN_HEAD)))
        darken(r, accepted ? pending_why(r) : HTTP_DARK_ANSWER);
    if (interim) {
        r->expect = false;
        return;
    }
    r->pending = false;
    if (r->state == WAITING)
        next_request(r);
}

void http_request_give_up(struct http_request *r)
{
    darken(r, HTTP_DARK_GIVEN_UP);
}

enum http_phase http_request_phase(const struct http_request *r)
{
    switch (r->state) {
    case IN_LINE:
        return line_untouched(&r->line) ? HTTP_BETWEEN : HTTP_IN_HEAD;
    case IN_HEAD:
        return HTTP_IN_HEAD;
    case IN_BODY:
        return HTTP_IN_BODY;
    case WAITING:
        return HTTP_WAITING;
    default:
        return HTTP_IN_DARK;
    }
}

enum http_host_state http_request_host(const struct http_request *r, struct span *host)
{
    const bool known = r->host.state == HTTP_HOST_KNOWN;

    *host = span_make(r->host.at, known ? r->host.len : 0);
    return (enum http_host_state)r->host.state;
}

uint16_t http_request_default_port(const struct http_request *r)
{
    return r->line.absolute && r->line.https ? 443 : 80;
}
