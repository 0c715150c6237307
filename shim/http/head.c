#include "http/head.h"

#include "http/field_line.h"

enum { LINE_START, NAME, LEADING, VALUE, VALUE_END, LINE_END, LINE_LF, EMPTY, EMPTY_LF };

_Static_assert(LINE_START == 0, "head_at_line");

void head_begin(struct http_head *h, const struct http_watch *watch, uint32_t watched, bool bare_lf)
{
    *h = (struct http_head){
        .watch = watch,
        .watched = watched,
        .state = LINE_START,
        .field = HTTP_FIELD_NONE,
        .bare_lf = bare_lf,
    };
}

/* The end of a line, in one piece. */
static bool is_crlf(struct span in)
{
    return in.len > 1 && memcmp(in.at, "\r\n", 2) == 0;
}

static bool ends_line(char c)
{
    return c == '\r' || c == '\n';
}

static size_t tell(struct http_head *h, enum http_event event, size_t consumed,
                   struct http_piece *out)
{
    out->event = event;
    out->field = h->field;
    out->last = h->last;
    out->folded = h->folded;
    out->bare_lf = h->bare_lf;
    return consumed;
}

static size_t fold(struct http_head *h, struct http_piece *out)
{
    if (!h->any || field_in(FIELDS_OWN, h->field))
        return tell(h, HTTP_OPAQUE, 0, out);
    h->folded = true;
    h->state = LEADING;
    return 1;
}

/* A line that begins with a token. A name that is cut, which is rare, goes through `name`. */
static size_t field_line(struct http_head *h, struct span in, struct http_piece *out)
{
    const size_t n = scan_token(in);

    if (n == 0)
        return tell(h, HTTP_OPAQUE, 0, out);
    h->any = true;
    h->folded = false;
    h->last = 0;
    h->pos = 0;
    if (n == in.len) {
        h->candidates = h->watch->first[*in.at & 31] & h->watched;
        h->state = NAME;
        return 0;
    }
    if (in.at[n] != ':')
        return tell(h, HTTP_OPAQUE, n, out);
    h->field = http_watch_find(h->watch, span_make(in.at, n));
    if (!field_in(h->watched, h->field))
        h->field = HTTP_FIELD_NONE;
    h->state = LEADING;
    return n + 1;
}

static size_t line_start(struct http_head *h, struct span in, struct http_piece *out)
{
    const char c = *in.at;

    if (ends_line(c)) {
        h->state = EMPTY;
        out->event = HTTP_HEAD_END;
        out->bare_lf = h->bare_lf;
        return 0;
    }
    return http_is_blank(c) ? fold(h, out) : field_line(h, in, out);
}

/* The candidates that have `c`, in lower case, at the place that the name has come to. */
static uint32_t narrow(const struct http_head *h, unsigned char c)
{
    uint32_t left = h->candidates;

    for (uint32_t todo = left; todo; todo &= todo - 1) {
        const int field = __builtin_ctz(todo);
        const struct span name = http_watch_name(h->watch, (unsigned)field);

        if (h->pos >= name.len || http_token_of(name.at[h->pos]) != c)
            left &= ~(1u << field);
    }
    return left;
}

/* The candidate that ends here; names differ, so there is one at most. */
static uint8_t resolve(const struct http_head *h)
{
    for (uint32_t todo = h->candidates; todo; todo &= todo - 1) {
        const int field = __builtin_ctz(todo);

        if (http_watch_name(h->watch, (unsigned)field).len == h->pos)
            return (uint8_t)field;
    }
    return HTTP_FIELD_NONE;
}

static size_t name(struct http_head *h, struct span in, struct http_piece *out)
{
    size_t i = 0;

    /* No watched name is longer than HTTP_NAME_MAX: pos ends with the last candidate. */
    for (; i < in.len && h->candidates && http_token_of(in.at[i]); i++, h->pos++)
        h->candidates = narrow(h, http_token_of(in.at[i]));
    i += scan_token(rest_of(in, i));
    if (i == in.len)
        return i;
    if (in.at[i] != ':')
        return tell(h, HTTP_OPAQUE, i, out);
    h->field = resolve(h);
    h->state = LEADING;
    return i + 1;
}

static size_t leading(struct http_head *h, struct span in, struct http_piece *out)
{
    size_t i = 0;

    while (i < in.len && http_is_blank(in.at[i]))
        i++;
    if (i == in.len)
        return i;
    /* Some take a line of nothing but white space for the end of the head. */
    if (h->folded && ends_line(in.at[i]))
        return tell(h, HTTP_OPAQUE, i, out);
    h->state = VALUE;
    return i;
}

static char last_of(struct span s)
{
    while (s.len && http_is_blank(s.at[s.len - 1]))
        s.len--;
    return s.len ? s.at[s.len - 1] : 0;
}

static size_t value(struct http_head *h, struct span in, struct http_piece *out)
{
    const size_t n = scan_text(in.at, in.len);
    char last;

    if (n < in.len)
        h->state = VALUE_END;
    if (n == 0 || h->field == HTTP_FIELD_NONE)
        return n;
    last = last_of(span_make(in.at, n));
    h->last = last ? last : h->last;
    out->value = span_make(in.at, n);
    return tell(h, HTTP_VALUE, n, out);
}

static size_t value_end(struct http_head *h, struct span in, struct http_piece *out)
{
    if (!ends_line(*in.at))
        return tell(h, HTTP_OPAQUE, 0, out);
    h->state = LINE_END;
    return h->field == HTTP_FIELD_NONE ? 0 : tell(h, HTTP_FIELD_END, 0, out);
}

static size_t line_end(struct http_head *h, struct span in)
{
    const bool both = is_crlf(in);

    h->bare_lf = *in.at == '\n';
    h->state = both || h->bare_lf ? LINE_START : LINE_LF;
    return both ? 2 : 1;
}

static size_t line_lf(struct http_head *h, struct span in, struct http_piece *out)
{
    if (*in.at != '\n')
        return tell(h, HTTP_OPAQUE, 0, out);
    h->state = LINE_START;
    return 1;
}

static size_t empty(struct http_head *h, struct span in, struct http_piece *out)
{
    if (*in.at == '\n')
        return tell(h, HTTP_DONE, 1, out);
    if (h->state == EMPTY_LF)
        return tell(h, HTTP_OPAQUE, 0, out);
    h->state = EMPTY_LF;
    return 1;
}

static size_t step(struct http_head *h, struct span in, struct http_piece *out)
{
    switch (h->state) {
    case LINE_START:
        return line_start(h, in, out);
    case NAME:
        return name(h, in, out);
    case LEADING:
        return leading(h, in, out);
    case VALUE:
        return value(h, in, out);
    case VALUE_END:
        return value_end(h, in, out);
    case LINE_END:
        return line_end(h, in);
    case LINE_LF:
        return line_lf(h, in, out);
    default:
        return empty(h, in, out);
    }
}

size_t head_next(struct http_head *h, struct span in, struct http_piece *out)
{
    size_t used = 0;

    if (h->state == EMPTY && is_crlf(in)) {
        out->event = HTTP_DONE;
        return 2;
    }
    out->event = HTTP_GO;
    while (out->event == HTTP_GO) {
        if (used == in.len)
            out->event = HTTP_MORE;
        else
            used += step(h, rest_of(in, used), out);
        if (used && h->state == LINE_START)
            break;
    }
    return used;
}

/* --- whole lines ------------------------------------------------------------------------------ */

/* A line whose name may be one that is watched. */
static void watched_line(const struct http_head *h, const char *at, const char *colon,
                         const char *cr, struct http_head_line *out)
{
    const uint8_t field = http_watch_find(h->watch, span_make(at, (size_t)(colon - at)));

    if (field_in(h->watched, field))
        *out = (struct http_head_line){
            .value = field_line_value(colon, cr),
            .field = field,
            .own = field_in(FIELDS_OWN, field),
        };
}

/* The state behind the last of these lines, or at the end of its value. */
static size_t lines_end(struct http_head *h, const struct http_head_line *line, size_t len,
                        bool several)
{
    const bool told = line->field != HTTP_FIELD_NONE && !line->own;

    h->field = line->field;
    h->any = true;
    h->folded = false;
    if (several || !told)
        h->bare_lf = false;
    if (!told)
        return len;
    h->last = last_of(line->value);
    h->state = VALUE_END;
    return len - 2;
}

size_t head_lines(struct http_head *h, struct span in, struct http_head_line *out)
{
    const struct http_watch *const w = h->watch;
    const char *const end = in.at + in.len;
    const char *at = in.at, *line = at;

    *out = (struct http_head_line){ .field = HTTP_FIELD_NONE };
    while (end - at >= HEAD_LINE_MIN && out->field == HTTP_FIELD_NONE) {
        const char *const colon = field_line_colon(at, end);
        const char *const cr = colon ? field_line_cr(at, colon, end) : NULL;

        if (!cr)
            break;
        if (http_watch_may_have(w, *at, (size_t)(colon - at)) & h->watched)
            watched_line(h, at, colon, cr, out);
        line = at;
        at = cr + 2;
    }
    return at == in.at ? 0 : lines_end(h, out, (size_t)(at - in.at), line != in.at);
}
