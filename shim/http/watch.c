#include "http/http.h"

#include <errno.h>

#include "http/scan.h"

/* No pointers: each would be relocated at every start of a process. */
static const struct {
    unsigned char len;
    char at[18];
} builtin[HTTP_FORWARD] = {
    [HTTP_BAGGAGE] = { 7, "baggage" },        [HTTP_TRACEPARENT] = { 11, "traceparent" },
    [HTTP_TRACESTATE] = { 10, "tracestate" }, [HTTP_HOST] = { 4, "host" },
    [HTTP_LENGTH] = { 14, "content-length" }, [HTTP_CODING] = { 17, "transfer-encoding" },
    [HTTP_CONNECTION] = { 10, "connection" }, [HTTP_UPGRADE] = { 7, "upgrade" },
    [HTTP_EXPECT] = { 6, "expect" },
};

static struct span builtin_name(unsigned field)
{
    return span_make(builtin[field].at, builtin[field].len);
}

const struct http_watch http_watch_basic = {
    .first = {
        ['b' & 31] = 1u << HTTP_BAGGAGE,
        ['t' & 31] = 1u << HTTP_TRACEPARENT | 1u << HTTP_TRACESTATE | 1u << HTTP_CODING,
        ['h' & 31] = 1u << HTTP_HOST,
        ['c' & 31] = 1u << HTTP_LENGTH | 1u << HTTP_CONNECTION,
        ['u' & 31] = 1u << HTTP_UPGRADE,
        ['e' & 31] = 1u << HTTP_EXPECT,
    },
    .length = {
        [4] = 1u << HTTP_HOST,
        [6] = 1u << HTTP_EXPECT,
        [7] = 1u << HTTP_BAGGAGE | 1u << HTTP_UPGRADE,
        [10] = 1u << HTTP_TRACESTATE | 1u << HTTP_CONNECTION,
        [11] = 1u << HTTP_TRACEPARENT,
        [14] = 1u << HTTP_LENGTH,
        [17] = 1u << HTTP_CODING,
    },
};

/* RFC 9110 section 5.6.2; letters map to lower case. */
const unsigned char http_token[256] = {
    ['!'] = '!', ['#'] = '#', ['$'] = '$', ['%'] = '%', ['&'] = '&', ['\''] = '\'', ['*'] = '*',
    ['+'] = '+', ['-'] = '-', ['.'] = '.', ['^'] = '^', ['_'] = '_', ['`'] = '`',   ['|'] = '|',
    ['~'] = '~', ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',   ['5'] = '5',
    ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9', ['A'] = 'a', ['B'] = 'b',   ['C'] = 'c',
    ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i',   ['J'] = 'j',
    ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p',   ['Q'] = 'q',
    ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w',   ['X'] = 'x',
    ['Y'] = 'y', ['Z'] = 'z', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd',   ['e'] = 'e',
    ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k',   ['l'] = 'l',
    ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r',   ['s'] = 's',
    ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y',   ['z'] = 'z',
};

void http_watch_init(struct http_watch *w)
{
    *w = http_watch_basic;
}

struct span http_watch_name(const struct http_watch *w, unsigned field)
{
    if (field < HTTP_FORWARD)
        return builtin_name(field);
    if (field - HTTP_FORWARD < w->count)
        return w->name[field - HTTP_FORWARD];
    return span_make(NULL, 0);
}

uint8_t http_watch_find(const struct http_watch *w, struct span name)
{
    uint32_t todo = name.len ? http_watch_may_have(w, name.at[0], name.len) : 0;

    for (; todo; todo &= todo - 1) {
        const int field = __builtin_ctz(todo);

        if (field < HTTP_FORWARD ? scan_says(name, builtin_name((unsigned)field))
                                 : span_equal_nocase(name, w->name[field - HTTP_FORWARD]))
            return (uint8_t)field;
    }
    return HTTP_FIELD_NONE;
}

static bool is_name(struct span name)
{
    if (name.len == 0 || name.len > HTTP_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!http_token_of(name.at[i]))
            return false;
    return true;
}

int http_watch_add(struct http_watch *w, struct span name)
{
    if (!is_name(name))
        return -EINVAL;
    if (http_watch_find(w, name) != HTTP_FIELD_NONE)
        return -EEXIST;
    if (w->count == HTTP_FORWARD_MAX)
        return -E2BIG;
    w->name[w->count] = name;
    w->first[name.at[0] & 31] |= 1u << (HTTP_FORWARD + w->count);
    w->length[name.len & 31] |= 1u << (HTTP_FORWARD + w->count);
    return (int)w->count++;
}
