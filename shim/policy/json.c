#include "policy/json.h"

/* A byte of look-ahead: `c` is the decoded byte number `at`. */
struct reader {
    struct base64 in;
    uint32_t at;
    int c; /* -1: the end */
};

static void step(struct reader *r)
{
    r->at++;
    r->c = base64_next(&r->in);
}

/* Four characters are three bytes. */
static struct reader reader_at(struct span text, uint32_t at)
{
    size_t whole = (size_t)at / 3 * 4;
    struct reader r = { .in = base64_open(span_make(text.at + whole, text.len - whole)),
                        .at = at / 3 * 3 };
    r.c = base64_next(&r.in);
    while (r.at < at)
        step(&r);
    return r;
}

static void skip_space(struct reader *r)
{
    while (r->c == ' ' || r->c == '\t' || r->c == '\n' || r->c == '\r')
        step(r);
}

/* --- scalars ---------------------------------------------------------------------------------- */

/* Bytes go to `at` as long as they fit; `len` counts all of them. */
struct sink {
    char *at;
    size_t len, max;
};

static void put(struct sink *s, int c)
{
    if (s->len < s->max)
        s->at[s->len] = (char)c;
    s->len++;
}

static void put_utf8(struct sink *s, uint32_t c)
{
    if (c < 0x80) {
        put(s, (int)c);
        return;
    }
    if (c < 0x800) {
        put(s, (int)(0xc0 | c >> 6));
    } else {
        if (c < 0x10000) {
            put(s, (int)(0xe0 | c >> 12));
        } else {
            put(s, (int)(0xf0 | c >> 18));
            put(s, (int)(0x80 | (c >> 12 & 63)));
        }
        put(s, (int)(0x80 | (c >> 6 & 63)));
    }
    put(s, (int)(0x80 | (c & 63)));
}

/* Four hexadecimal digits; more than 0xffff: they are not there. */
static uint32_t read_hex(struct reader *r)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++, step(r)) {
        int lower = r->c | 0x20;
        if (r->c >= '0' && r->c <= '9')
            value = value << 4 | (uint32_t)(r->c - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value << 4 | (uint32_t)(lower - 'a' + 10);
        else
            return UINT32_MAX;
    }
    return value;
}

/* Behind \u. A half of a pair alone stands for nothing. */
static bool read_unicode(struct reader *r, struct sink *s)
{
    uint32_t c = read_hex(r), low;
    if (c > 0xffff || (c >= 0xdc00 && c < 0xe000))
        return false;
    if (c >= 0xd800 && c < 0xdc00) {
        if (r->c != '\\')
            return false;
        step(r);
        if (r->c != 'u')
            return false;
        step(r);
        low = read_hex(r);
        if (low < 0xdc00 || low > 0xdfff)
            return false;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    put_utf8(s, c);
    return true;
}

static bool read_escape(struct reader *r, struct sink *s)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *hit = r->c > 0 ? strchr(from, r->c) : NULL;
    if (r->c == 'u') {
        step(r);
        return read_unicode(r, s);
    }
    if (!hit)
        return false;
    put(s, to[hit - from]);
    step(r);
    return true;
}

/* At the opening quote; ends behind the closing one. */
static bool read_string(struct reader *r, struct sink *s)
{
    for (step(r); r->c != '"';) {
        if (r->c < 0x20)
            return false;
        if (r->c == '\\') {
            step(r);
            if (!read_escape(r, s))
                return false;
            continue;
        }
        put(s, r->c);
        step(r);
    }
    step(r);
    return true;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool read_digits(struct reader *r, struct sink *s)
{
    if (!is_digit(r->c))
        return false;
    for (; is_digit(r->c); step(r))
        put(s, r->c);
    return true;
}

static bool read_number(struct reader *r, struct sink *s)
{
    if (r->c == '-') {
        put(s, '-');
        step(r);
    }
    bool zero = r->c == '0';
    size_t before = s->len;
    if (!read_digits(r, s) || (zero && s->len > before + 1))
        return false;
    if (r->c == '.') {
        put(s, '.');
        step(r);
        if (!read_digits(r, s))
            return false;
    }
    if ((r->c | 0x20) != 'e' || r->c < 0)
        return true;
    put(s, 'e');
    step(r);
    if (r->c == '+' || r->c == '-') {
        put(s, r->c);
        step(r);
    }
    return read_digits(r, s);
}

static bool read_word(struct reader *r, struct sink *s)
{
    static const char words[][6] = { "true", "false", "null" };
    char word[6];
    struct sink own = { word, 0, sizeof word };
    for (; r->c >= 'a' && r->c <= 'z' && own.len < sizeof word; step(r))
        put(&own, r->c);
    for (int i = 0; i < 3; i++)
        if (span_equal(span_make(word, own.len), span_of(words[i]))) {
            for (size_t k = 0; k < own.len; k++)
                put(s, word[k]);
            return true;
        }
    return false;
}

static bool read_scalar(struct reader *r, struct sink *s)
{
    if (r->c == '"')
        return read_string(r, s);
    return r->c == '-' || is_digit(r->c) ? read_number(r, s) : read_word(r, s);
}

size_t json_text(struct span text, struct json_value v, char *out, size_t max)
{
    struct sink s = { out, 0, max };
    if (v.kind != JSON_STRING && v.kind != JSON_OTHER)
        return SIZE_MAX;
    struct reader r = reader_at(text, v.at);
    return read_scalar(&r, &s) && s.len <= max ? s.len : SIZE_MAX;
}

static bool string_is(struct reader *r, struct span want)
{
    char text[JSON_NAME_MAX];
    struct sink s = { text, 0, sizeof text };
    return read_string(r, &s) && s.len <= sizeof text && span_equal(span_make(text, s.len), want);
}

/* The walk has found the list to be one. */
bool json_has(struct span text, struct json_value v, struct span want)
{
    if (v.kind != JSON_STRING && v.kind != JSON_LIST)
        return false;
    struct reader r = reader_at(text, v.at);
    if (v.kind == JSON_STRING)
        return string_is(&r, want);
    do {
        step(&r);
        skip_space(&r);
        if (r.c != '"')
            return false;
        if (string_is(&r, want))
            return true;
        skip_space(&r);
    } while (r.c == ',');
    return false;
}

/* --- the walk --------------------------------------------------------------------------------- */

/* How far along its path each searched value is. */
struct tracked {
    uint8_t matched; /* leading names that the walk stands below */
    uint8_t names;
    uint32_t seen; /* bit n: name n has been met; twice is once too often */
};

struct walk {
    struct reader r;
    uint32_t is_object; /* bit d: container d, from 1 */
    unsigned depth;
    const struct span *path;
    size_t count;
    struct json_value *out;
    struct tracked *track;
};

/* Name `n` (from 1) of a path. */
static struct span path_name(struct span path, unsigned n)
{
    struct span name = { 0 };
    while (n--)
        name = span_cut(path, '\0', &path);
    return name;
}

static void meet_name(struct walk *w, struct span name)
{
    for (size_t i = 0; i < w->count; i++) {
        struct tracked *t = &w->track[i];
        if (t->matched + 1u < w->depth)
            continue;
        t->matched = (uint8_t)(w->depth - 1);
        if (w->depth > t->names || !span_equal(path_name(w->path[i], w->depth), name))
            continue;
        t->matched++;
        if (t->seen >> w->depth & 1)
            w->out[i].kind = JSON_BAD;
        t->seen |= 1u << w->depth;
    }
}

/* A value begins here: whose is it? */
static void meet_value(struct walk *w)
{
    int kind = w->r.c == '"'                    ? JSON_STRING
               : w->r.c == '['                  ? JSON_LIST
               : w->r.c == '{' || w->r.c == 'n' ? JSON_BAD
                                                : JSON_OTHER;
    for (size_t i = 0; i < w->count; i++) {
        const struct tracked *t = &w->track[i];
        if (t->matched != w->depth || t->names != w->depth || w->out[i].kind == JSON_BAD)
            continue;
        w->out[i].kind = (uint8_t)kind;
        w->out[i].at = w->r.at;
    }
}

static void leave(struct walk *w)
{
    w->depth--;
    for (size_t i = 0; i < w->count; i++)
        if (w->track[i].matched > w->depth)
            w->track[i].matched = (uint8_t)w->depth;
}

/* From its opening quote to where its value begins. */
static bool walk_name(struct walk *w)
{
    char text[JSON_NAME_MAX];
    struct sink s = { text, 0, sizeof text };
    if (w->r.c != '"' || !read_string(&w->r, &s))
        return false;
    skip_space(&w->r);
    if (w->r.c != ':')
        return false;
    step(&w->r);
    skip_space(&w->r);
    meet_name(w, span_make(text, s.len <= sizeof text ? s.len : 0));
    return true;
}

static bool in_object(const struct walk *w)
{
    return w->is_object >> w->depth & 1;
}

/* At a bracket that opens: at the first value within it, or behind its end. */
static bool walk_open(struct walk *w, bool *at_value)
{
    bool object = w->r.c == '{';
    if (++w->depth > JSON_DEPTH)
        return false;
    w->is_object = (w->is_object & ~(1u << w->depth)) | (uint32_t)object << w->depth;
    step(&w->r);
    skip_space(&w->r);
    *at_value = w->r.c != (object ? '}' : ']');
    return !*at_value || !object || walk_name(w);
}

/* Behind a value: at the next one, or at the end of all. */
static bool walk_on(struct walk *w)
{
    for (; w->depth; leave(w)) {
        skip_space(&w->r);
        if (w->r.c == ',') {
            step(&w->r);
            skip_space(&w->r);
            return !in_object(w) || walk_name(w);
        }
        if (w->r.c != (in_object(w) ? '}' : ']'))
            return false;
        step(&w->r);
    }
    return true;
}

static bool walk(struct walk *w)
{
    do {
        struct sink nowhere = { 0 };
        bool at_value = false;
        if (w->depth && in_object(w))
            meet_value(w);
        if (w->r.c == '{' || w->r.c == '[') {
            if (!walk_open(w, &at_value))
                return false;
        } else if (!read_scalar(&w->r, &nowhere)) {
            return false;
        }
        if (!at_value && !walk_on(w))
            return false;
    } while (w->depth);
    skip_space(&w->r);
    return w->r.c < 0 && !w->r.in.bad;
}

bool json_find(struct span text, const struct span *path, size_t count, struct json_value *out)
{
    struct tracked track[JSON_PATHS] = { 0 };
    struct walk w = {
        .r = reader_at(text, 0), .path = path, .count = count, .out = out, .track = track
    };
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct json_value){ 0 };
        for (size_t k = 0; k < path[i].len; k++)
            track[i].names = (uint8_t)(track[i].names + (path[i].at[k] == 0));
    }
    skip_space(&w.r);
    return w.r.c == '{' && walk(&w);
}
