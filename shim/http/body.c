#include "http/body.h"

#include "http/scan.h"

enum {
    COMPLETE,
    COUNTED,
    UNTIL_CLOSE,
    SIZE, /* of a chunk: its first digit */
    DIGITS,
    PADDING,
    EXTENSION,
    SIZE_LF,
    CONTENT,
    CONTENT_CR,
    CONTENT_LF,
    TRAILER, /* the first byte of a line */
    TRAILER_TEXT,
    TRAILER_LF,
    LAST_LF,
};

void body_begin(struct http_body *b, enum framing_kind kind, uint64_t length)
{
    static const uint8_t begin[] = {
        [FRAMING_NONE] = COMPLETE,
        [FRAMING_LENGTH] = COUNTED,
        [FRAMING_CHUNKED] = SIZE,
        [FRAMING_CLOSE] = UNTIL_CLOSE,
    };

    b->state = begin[kind];
    b->left = kind == FRAMING_LENGTH ? length : 0;
}

static size_t go(struct http_body *b, uint8_t state, size_t consumed)
{
    b->state = state;
    return consumed;
}

static size_t doubt(struct http_piece *out, size_t consumed)
{
    out->event = HTTP_OPAQUE;
    return consumed;
}

/* One byte that must be `want`. */
static size_t demand(struct http_body *b, char c, char want, uint8_t then, struct http_piece *out)
{
    return c == want ? go(b, then, 1) : doubt(out, 0);
}

static size_t content(struct http_body *b, size_t len, uint8_t then)
{
    const size_t n = len < b->left ? len : (size_t)b->left;

    b->left -= n;
    if (b->left == 0)
        b->state = then;
    return n;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t size(struct http_body *b, char c, struct http_piece *out)
{
    const int digit = hex(c);

    if (digit >= 0) {
        if (b->left > (uint64_t)INT64_MAX >> 4)
            return doubt(out, 0);
        b->left = b->left << 4 | (unsigned)digit;
        return go(b, DIGITS, 1);
    }
    return b->state == SIZE ? doubt(out, 0) : go(b, PADDING, 0);
}

/* Some pad the size with spaces, which RFC 9112 section 7.1.1 knows only before an extension. */
static size_t padding(struct http_body *b, char c, struct http_piece *out)
{
    if (http_is_blank(c))
        return 1;
    if (c == ';')
        return go(b, EXTENSION, 1);
    return demand(b, c, '\r', SIZE_LF, out);
}

/* Text up to a CR, which `then` follows. */
static size_t text(struct http_body *b, struct span in, uint8_t then, struct http_piece *out)
{
    const size_t n = scan_text(in.at, in.len);

    if (n == in.len)
        return n;
    return in.at[n] == '\r' ? go(b, then, n + 1) : doubt(out, n);
}

static size_t trailer(struct http_body *b, char c)
{
    return c == '\r' ? go(b, LAST_LF, 1) : go(b, TRAILER_TEXT, 0);
}

static size_t step(struct http_body *b, struct span in, struct http_piece *out)
{
    const char c = *in.at;

    switch (b->state) {
    case COUNTED:
        return content(b, in.len, COMPLETE);
    case UNTIL_CLOSE:
        return in.len;
    case SIZE:
    case DIGITS:
        return size(b, c, out);
    case PADDING:
        return padding(b, c, out);
    case EXTENSION:
        return text(b, in, SIZE_LF, out);
    case SIZE_LF:
        return demand(b, c, '\n', b->left ? CONTENT : TRAILER, out);
    case CONTENT:
        return content(b, in.len, CONTENT_CR);
    case CONTENT_CR:
        return demand(b, c, '\r', CONTENT_LF, out);
    case CONTENT_LF:
        return demand(b, c, '\n', SIZE, out);
    case TRAILER:
        return trailer(b, c);
    case TRAILER_TEXT:
        return text(b, in, TRAILER_LF, out);
    case TRAILER_LF:
        return demand(b, c, '\n', TRAILER, out);
    default:
        return demand(b, c, '\n', COMPLETE, out);
    }
}

size_t body_next(struct http_body *b, struct span in, struct http_piece *out)
{
    size_t used = 0;

    out->event = HTTP_GO;
    while (out->event == HTTP_GO) {
        if (b->state == COMPLETE)
            out->event = HTTP_DONE;
        else if (used == in.len)
            out->event = HTTP_MORE;
        else
            used += step(b, rest_of(in, used), out);
    }
    return used;
}

size_t body_counted(struct http_body *b, size_t len)
{
    return b->state == COUNTED ? content(b, len, COMPLETE) : 0;
}

bool body_is_complete(const struct http_body *b)
{
    return b->state == COMPLETE;
}

bool body_skip(struct http_body *b, uint64_t count)
{
    if (count == 0 || b->state == UNTIL_CLOSE)
        return true;
    if ((b->state != COUNTED && b->state != CONTENT) || count > b->left)
        return false;
    b->left -= count;
    if (b->left == 0)
        b->state = b->state == COUNTED ? COMPLETE : CONTENT_CR;
    return true;
}

bool body_until_close(const struct http_body *b)
{
    return b->state == UNTIL_CLOSE;
}
