#include "http/line.h"

#include "http/scan.h"

enum {
    START,
    START_LF,
    METHOD,
    TARGET, /* its first byte */
    SCHEME,
    SCHEME_SLASH,
    SCHEME_SLASHES,
    AUTHORITY,
    TARGET_REST,
    VERSION,
    MINOR,
    LINE_END,
    LINE_LF,
};

static const struct span methods[] = {
    [HTTP_OTHER] = { "", 0 },
    [HTTP_HEAD] = { "HEAD", 4 },
    [HTTP_CONNECT] = { "CONNECT", 7 },
};

void line_begin(struct http_line *l)
{
    l->state = START;
}

bool line_untouched(const struct http_line *l)
{
    return l->state == START || l->state == START_LF;
}

static size_t go(struct http_line *l, uint8_t state, size_t consumed)
{
    l->state = state;
    return consumed;
}

static size_t doubt(struct http_piece *out, size_t consumed)
{
    out->event = HTTP_OPAQUE;
    return consumed;
}

static size_t start(struct http_line *l, char c, struct http_piece *out)
{
    if (c == '\n')
        return go(l, START, 1);
    if (l->state == START_LF)
        return doubt(out, 0);
    if (c == '\r')
        return go(l, START_LF, 1);
    if (!http_token_of(c))
        return doubt(out, 0);
    *l = (struct http_line){ .method = 1 << HTTP_HEAD | 1 << HTTP_CONNECT };
    return go(l, METHOD, 0);
}

static uint8_t known_method(uint8_t set, uint8_t len)
{
    for (uint8_t i = HTTP_HEAD; i <= HTTP_CONNECT; i++)
        if ((set >> i & 1) && methods[i].len == len)
            return i;
    return HTTP_OTHER;
}

static void narrow(struct http_line *l, char c)
{
    for (uint8_t i = HTTP_HEAD; i <= HTTP_CONNECT; i++)
        if (l->pos >= methods[i].len || methods[i].at[l->pos] != c)
            l->method &= (uint8_t) ~(1 << i);
}

static size_t method(struct http_line *l, struct span in, struct http_piece *out)
{
    size_t n = 0;

    for (; n < in.len && in.at[n] != ' '; n++, l->pos++) {
        if (!http_token_of(in.at[n]) || l->pos == HTTP_METHOD_MAX)
            return doubt(out, n);
        if (l->method)
            narrow(l, in.at[n]);
    }
    if (n == in.len)
        return n;
    l->method = known_method(l->method, l->pos);
    return go(l, TARGET, n + 1);
}

static bool is_letter(char c)
{
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'z';
}

static bool in_scheme(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

static size_t target(struct http_line *l, struct http_host *host, char c, struct http_piece *out)
{
    if ((unsigned char)c <= ' ')
        return doubt(out, 0);
    l->pos = 0;
    if (l->method == HTTP_CONNECT) {
        host_target(host, span_make(&c, 0));
        return go(l, AUTHORITY, 0);
    }
    l->https = true;
    return go(l, is_letter(c) ? SCHEME : TARGET_REST, 0);
}

static size_t scheme(struct http_line *l, char c)
{
    static const char https[5] = { 'h', 't', 't', 'p', 's' };

    if (c == ':') {
        l->https = l->https && l->pos == sizeof https;
        return go(l, SCHEME_SLASH, 1);
    }
    if (!in_scheme(c))
        return go(l, TARGET_REST, 0);
    l->https = l->https && l->pos < sizeof https && (c | 0x20) == https[l->pos];
    l->pos = l->pos < sizeof https ? (uint8_t)(l->pos + 1) : UINT8_MAX;
    return 1;
}

static size_t slash(struct http_line *l, struct http_host *host, char c)
{
    if (c != '/')
        return go(l, TARGET_REST, 0);
    if (l->state == SCHEME_SLASH)
        return go(l, SCHEME_SLASHES, 1);
    l->absolute = true;
    host_target(host, span_make(&c, 0));
    return go(l, AUTHORITY, 1);
}

static size_t authority(struct http_line *l, struct http_host *host, struct span in)
{
    size_t n = 0;

    while (n < in.len && (unsigned char)in.at[n] > ' ' && in.at[n] != '/' && in.at[n] != '?' &&
           in.at[n] != '#')
        n++;
    host_target(host, span_make(in.at, n));
    if (n < in.len)
        l->state = TARGET_REST;
    return n;
}

static size_t target_rest(struct http_line *l, struct span in, struct http_piece *out)
{
    const size_t n = scan_below(in.at, in.len, ' ' + 1);

    if (n == in.len)
        return n;
    l->pos = 0;
    return in.at[n] == ' ' ? go(l, VERSION, n + 1) : doubt(out, n);
}

static size_t version(struct http_line *l, struct span in, struct http_piece *out)
{
    static const struct span prefix = { "HTTP/1.", 7 };
    size_t n = 0;

    for (; n < in.len && l->pos < prefix.len; n++, l->pos++)
        if (in.at[n] != prefix.at[l->pos])
            return doubt(out, n);
    return go(l, l->pos == prefix.len ? MINOR : VERSION, n);
}

bool line_is_http2(const struct http_line *l, char c)
{
    return l->state == VERSION && l->pos == 5 && c == '2';
}

static size_t minor(struct http_line *l, char c, struct http_piece *out)
{
    if (c != '0' && c != '1')
        return doubt(out, 0);
    l->minor = (uint8_t)(c - '0');
    return go(l, LINE_END, 1);
}

static size_t tell(const struct http_line *l, size_t consumed, struct http_piece *out)
{
    out->event = HTTP_LINE;
    out->method = l->method;
    out->minor = l->minor;
    out->absolute = l->absolute;
    return consumed;
}

static size_t line_end(struct http_line *l, char c, struct http_piece *out)
{
    if (c == '\r' && l->state == LINE_END)
        return go(l, LINE_LF, 1);
    if (c != '\n')
        return doubt(out, 0);
    l->bare_lf = l->state == LINE_END;
    return tell(l, 1, out);
}

/* The end of a target in origin-form, which begins at `at`: the space behind it; NULL: it is
 * another one, or not all there. */
static const char *origin_end(const char *at, const char *end)
{
    if (at == end || *at != '/')
        return NULL;
    at += scan_below(at, (size_t)(end - at), ' ' + 1);
    return at < end && *at == ' ' ? at : NULL;
}

/* A method in small letters or with a digit is as good a token as any. */
size_t line_at_once(struct http_line *l, struct span in)
{
    static const char tails[2][12] = { " HTTP/1.0\r\n", " HTTP/1.1\r\n" };
    const size_t tail = sizeof tails[0] - 1;
    const char *const end = in.at + in.len;
    const size_t n = in.len < SCAN_BLOCK ? SCAN_BLOCK : scan_block_plain(in.at);
    const char *at;

    if (l->state != START || n == 0 || n == SCAN_BLOCK || in.at[n] != ' ' ||
        n == methods[HTTP_CONNECT].len)
        return 0;
    at = origin_end(in.at + n + 1, end);
    if (!at || (size_t)(end - at) < tail)
        return 0;
    l->minor = at[8] == '1';
    if (memcmp(at, tails[l->minor], tail) != 0)
        return 0;
    l->method = n == 4 && memcmp(in.at, methods[HTTP_HEAD].at, 4) == 0 ? HTTP_HEAD : HTTP_OTHER;
    l->bare_lf = l->absolute = false;
    l->state = LINE_LF;
    return (size_t)(at - in.at) + tail;
}

static size_t step(struct http_line *l, struct http_host *host, struct span in,
                   struct http_piece *out)
{
    const char c = *in.at;

    switch (l->state) {
    case START:
    case START_LF:
        return start(l, c, out);
    case METHOD:
        return method(l, in, out);
    case TARGET:
        return target(l, host, c, out);
    case SCHEME:
        return scheme(l, c);
    case SCHEME_SLASH:
    case SCHEME_SLASHES:
        return slash(l, host, c);
    case AUTHORITY:
        return authority(l, host, in);
    case TARGET_REST:
        return target_rest(l, in, out);
    case VERSION:
        return version(l, in, out);
    case MINOR:
        return minor(l, c, out);
    default:
        return line_end(l, c, out);
    }
}

size_t line_next(struct http_line *l, struct http_host *host, struct span in,
                 struct http_piece *out)
{
    size_t used = 0;

    if ((used = line_at_once(l, in)) > 0)
        return tell(l, used, out);
    out->event = HTTP_GO;
    while (out->event == HTTP_GO) {
        if (used == in.len)
            out->event = HTTP_MORE;
        else
            used += step(l, host, rest_of(in, used), out);
    }
    return used;
}
