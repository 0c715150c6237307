#include "http/head.h"

#include "http/scan.h"

enum { LINE_START, NAME, LEADING, VALUE, VALUE_END, LINE_END, LINE_LF, EMPTY, EMPTY_LF };

/* Where a folded line would leave in doubt what the message is, or whom it is for. */
#define NEVER_FOLDED                                                                               \
    (1u << HTTP_HOST | 1u << HTTP_LENGTH | 1u << HTTP_CODING | 1u << HTTP_CONNECTION |             \
     1u << HTTP_UPGRADE | 1u << HTTP_EXPECT)

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

static bool in_set(uint32_t set, uint8_t field)
{
    return field != HTTP_FIELD_NONE && (set >> field & 1);
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
    if (!h->any || in_set(NEVER_FOLDED, h->field))
        return tell(h, HTTP_OPAQUE, 0, out);
    h->folded = true;
    h->state = LEADING;
    return 1;
}

/* The length of the rest of a line that nobody watches, with its end; 0 if it is not all there, or
 * not all right: then it is read the long way. */
static size_t unwatched_rest(struct span in)
{
    const size_t n = scan_text(in.at, in.len);

    return n + 1 < in.len && in.at[n] == '\r' && in.at[n + 1] == '\n' ? n + 2 : 0;
}

/* A line that begins with a token: the short way, if the name is all there. Cut ones, which are
 * rare, go through `name`. */
static size_t field_line(struct http_head *h, struct span in, struct http_piece *out)
{
    const size_t n = scan_token(in);
    size_t rest = 0;

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
    if (!in_set(h->watched, h->field)) {
        h->field = HTTP_FIELD_NONE;
        rest = unwatched_rest(rest_of(in, n + 1));
    }
    h->state = rest ? LINE_START : LEADING;
    if (rest)
        h->bare_lf = false;
    return n + 1 + rest;
}

static size_t line_start(struct http_head *h, struct span in, struct http_piece *out)
{
    const char c = *in.at;

    if (ends_line(c)) {
        h->state = EMPTY;
        return tell(h, HTTP_HEAD_END, 0, out);
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
    h->bare_lf = *in.at == '\n';
    h->state = h->bare_lf ? LINE_START : LINE_LF;
    return 1;
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

    out->event = HTTP_GO;
    while (out->event == HTTP_GO) {
        if (used == in.len)
            out->event = HTTP_MORE;
        else
            used += step(h, rest_of(in, used), out);
    }
    return used;
}
