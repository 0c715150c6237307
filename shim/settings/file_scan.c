#include "settings/file.h"

enum {
    SCAN_DEPTH = 16,    /* deepest that a legal file goes is 4 */
    SCAN_SETTINGS = 64, /* in one group; a legal one has 3 */
};

/* Where the scan is. */
struct scan {
    struct span text;
    size_t at;
    int line;
    int depth;
    int settings[SCAN_DEPTH + 1]; /* names seen in each open bracket */
};

static bool looking_at(const struct scan *s, struct span what)
{
    return span_starts(span_make(s->text.at + s->at, s->text.len - s->at), what);
}

/* Moves to the byte `end` (or the end of the text), counting lines. */
static void skip_to(struct scan *s, struct span end)
{
    while (s->at < s->text.len && !looking_at(s, end))
        s->line += s->text.at[s->at++] == '\n';
}

/* From the opening quote to the closing one. */
static const char *skip_string(struct scan *s)
{
    for (s->at++; s->at < s->text.len && s->text.at[s->at] != '"'; s->at++) {
        s->line += s->text.at[s->at] == '\n';
        if (s->text.at[s->at] != '\\')
            continue;
        if (looking_at(s, SPAN("\\x00")))
            return "a string cannot hold a NUL character";
        s->at++;
        s->line += s->at < s->text.len && s->text.at[s->at] == '\n';
    }
    return s->at < s->text.len ? NULL : "a string is not closed with \"";
}

static const char *scan_bracket(struct scan *s, char c)
{
    if (strchr("({[", c)) {
        if (s->depth == SCAN_DEPTH)
            return "brackets are nested too deep";
        s->settings[++s->depth] = 0;
    } else if (strchr(")}]", c)) {
        s->depth -= s->depth > 0;
    } else if (++s->settings[s->depth] > SCAN_SETTINGS) {
        return "too many settings in one group";
    }
    return NULL;
}

static const char *scan_one(struct scan *s)
{
    char c = s->text.at[s->at];
    if (c == '"')
        return skip_string(s);
    if (c == '#' || looking_at(s, SPAN("//"))) {
        skip_to(s, SPAN("\n"));
        s->at--;
    } else if (looking_at(s, SPAN("/*"))) {
        s->at += 2;
        skip_to(s, SPAN("*/"));
        if (s->at == s->text.len)
            return "a comment is not closed with */";
        s->at++;
    } else if (c == '\n') {
        s->line++;
    } else if (strchr("({[)}]=:", c)) {
        return scan_bracket(s, c);
    }
    return NULL;
}

/* In strings and comments as well, so that nothing depends on our reading of those. */
static const char *scan_lines(struct span text, int *line)
{
    for (*line = 1; text.at; ++*line) {
        struct span one = span_trim(span_cut(text, '\n', &text));
        if (one.len && memchr(one.at, 0, one.len))
            return "the file holds a NUL byte";
        if (span_starts(one, SPAN("@include")))
            return "@include is not supported";
    }
    return NULL;
}

const char *scan_fault(struct span text, int *line)
{
    struct scan s = { .text = text, .line = 1 };
    const char *fault = scan_lines(text, line);
    for (; !fault && s.at < text.len; s.at++) {
        *line = s.line; /* a string or comment that never ends is named by its first line */
        fault = scan_one(&s);
    }
    return fault;
}
