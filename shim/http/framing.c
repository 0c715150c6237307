#include "http/framing.h"

#include "http/scan.h"

enum { BEFORE, WITHIN, AFTER }; /* an element of a comma list */

enum { TOKEN_CHUNKED, TOKEN_CLOSE, TOKEN_KEEP_ALIVE, TOKENS };

/* No pointers: each would be relocated at every start of a process. */
static const struct {
    unsigned char len;
    char at[11];
} tokens[TOKENS] = {
    [TOKEN_CHUNKED] = { 7, "chunked" },
    [TOKEN_CLOSE] = { 5, "close" },
    [TOKEN_KEEP_ALIVE] = { 10, "keep-alive" },
};

void framing_begin(struct http_framing *f)
{
    *f = (struct http_framing){ 0 };
}

/* What is no list element at all makes the fields that frame the body useless. */
static void malformed(struct http_framing *f, unsigned field)
{
    f->tokens = 0;
    if (field == HTTP_LENGTH)
        f->facts |= SAYS_BAD_LENGTH;
    if (field == HTTP_CODING)
        f->facts |= SAYS_BAD_CODING;
}

static void begin_element(struct http_framing *f)
{
    f->place = WITHIN;
    f->pos = 0;
    f->number = 0;
    f->tokens = (1u << TOKENS) - 1;
}

static void take_digit(struct http_framing *f, char c)
{
    const uint64_t digit = (uint64_t)(c - '0');

    if (c < '0' || c > '9' || f->number > ((uint64_t)INT64_MAX - digit) / 10)
        malformed(f, HTTP_LENGTH);
    else
        f->number = f->number * 10 + digit;
}

static void take_token(struct http_framing *f, unsigned field, char c)
{
    const unsigned char lower = http_token_of(c);

    if (!lower)
        malformed(f, field);
    for (unsigned todo = f->tokens; todo; todo &= todo - 1) {
        const int i = __builtin_ctz(todo);

        if (f->pos >= tokens[i].len || (unsigned char)tokens[i].at[f->pos] != lower)
            f->tokens &= (uint8_t) ~(1u << i);
    }
    if (f->tokens)
        f->pos++;
}

static bool is_token(const struct http_framing *f, unsigned token)
{
    return (f->tokens >> token & 1) && f->pos == tokens[token].len;
}

static void commit_length(struct http_framing *f)
{
    if ((f->facts & SAYS_LENGTH) && f->length != f->number)
        f->facts |= SAYS_BAD_LENGTH;
    f->facts |= SAYS_LENGTH;
    f->length = f->number;
}

static void commit_coding(struct http_framing *f)
{
    f->facts |= SAYS_CODING;
    f->facts &= (uint16_t)~SAYS_CHUNKED_LAST;
    if (!is_token(f, TOKEN_CHUNKED))
        return;
    if (f->facts & SAYS_CHUNKED)
        f->facts |= SAYS_BAD_CODING;
    f->facts |= SAYS_CHUNKED | SAYS_CHUNKED_LAST;
}

static void commit(struct http_framing *f, unsigned field)
{
    switch (field) {
    case HTTP_LENGTH:
        commit_length(f);
        break;
    case HTTP_CODING:
        commit_coding(f);
        break;
    case HTTP_CONNECTION:
        if (is_token(f, TOKEN_CLOSE))
            f->facts |= SAYS_CLOSE;
        if (is_token(f, TOKEN_KEEP_ALIVE))
            f->facts |= SAYS_KEEP_ALIVE;
        break;
    case HTTP_UPGRADE:
        f->facts |= SAYS_UPGRADE;
        break;
    default:
        f->facts |= SAYS_EXPECT;
    }
}

static void end_element(struct http_framing *f, unsigned field)
{
    if (f->place == BEFORE)
        malformed(f, field);
    else
        commit(f, field);
    f->place = BEFORE;
}

static void take(struct http_framing *f, unsigned field, char c)
{
    if (c == ',') {
        end_element(f, field);
        return;
    }
    if (http_is_blank(c)) {
        f->place = f->place == WITHIN ? AFTER : f->place;
        return;
    }
    if (f->place == AFTER)
        malformed(f, field);
    if (f->place == BEFORE)
        begin_element(f);
    if (field == HTTP_LENGTH)
        take_digit(f, c);
    else
        take_token(f, field, c);
}

void framing_value(struct http_framing *f, unsigned field, struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        take(f, field, value.at[i]);
}

void framing_line_end(struct http_framing *f, unsigned field)
{
    end_element(f, field);
}

/* A number of as many digits as cannot be too many; false: anything else. */
static bool plain_number(struct span value, uint64_t *number)
{
    uint64_t n = 0;

    if (value.len == 0 || value.len > 18)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        const unsigned digit = (unsigned)(unsigned char)value.at[i] - '0';

        if (digit > 9)
            return false;
        n = n * 10 + digit;
    }
    *number = n;
    return true;
}

void framing_line(struct http_framing *f, unsigned field, struct span value)
{
    if (field == HTTP_LENGTH && plain_number(value, &f->number)) {
        commit_length(f);
        return;
    }
    if (field == HTTP_CONNECTION && scan_says(value, SPAN("keep-alive"))) {
        f->facts |= SAYS_KEEP_ALIVE;
        return;
    }
    if (field == HTTP_CODING && !(f->facts & SAYS_CHUNKED) && scan_says(value, SPAN("chunked"))) {
        f->facts |= SAYS_CODING | SAYS_CHUNKED | SAYS_CHUNKED_LAST;
        return;
    }
    framing_value(f, field, value);
    framing_line_end(f, field);
}

static enum framing_kind by_length(const struct http_framing *f, enum framing_kind without)
{
    if (f->facts & SAYS_BAD_LENGTH)
        return FRAMING_DOUBT;
    if (!(f->facts & SAYS_LENGTH))
        return without;
    return f->length ? FRAMING_LENGTH : FRAMING_NONE;
}

static enum framing_kind by_coding(const struct http_framing *f, unsigned minor,
                                   enum framing_kind not_chunked)
{
    if ((f->facts & (SAYS_LENGTH | SAYS_BAD_LENGTH | SAYS_BAD_CODING)) || minor == 0)
        return FRAMING_DOUBT;
    return f->facts & SAYS_CHUNKED_LAST ? FRAMING_CHUNKED : not_chunked;
}

enum framing_kind framing_request(const struct http_framing *f, unsigned minor)
{
    if (f->facts & (SAYS_CODING | SAYS_BAD_CODING))
        return by_coding(f, minor, FRAMING_DOUBT);
    return by_length(f, FRAMING_NONE);
}

enum framing_kind framing_response(const struct http_framing *f, unsigned minor)
{
    if (f->facts & (SAYS_CODING | SAYS_BAD_CODING))
        return by_coding(f, minor, FRAMING_CLOSE);
    return by_length(f, FRAMING_CLOSE);
}

bool framing_closes(const struct http_framing *f, unsigned minor)
{
    return (f->facts & SAYS_CLOSE) || (minor == 0 && !(f->facts & SAYS_KEEP_ALIVE));
}
