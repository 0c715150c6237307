/* A request out of a file, read by the framer that reads those of programs. */
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/explain.h"
#include "http/request.h"
#include "settings/file_text.h"

static void first_line(struct example *e, struct span text)
{
    struct span line = { 0 };
    while (text.at && !span_trim(line).len) {
        line = span_cut(text, '\n', &text);
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
    }
    e->method = span_cut(line, ' ', &line);
    e->in.target = span_cut(line, ' ', &line);
}

static bool note(struct example *e, const struct http_piece *piece, struct span *value)
{
    if (piece->event == HTTP_VALUE && value->len == 0) {
        *value = piece->value;
    } else if (piece->event == HTTP_VALUE) {
        value->len = (size_t)(piece->value.at + piece->value.len - value->at);
    } else if (piece->event == HTTP_FIELD_END) {
        if (e->in.fields == EXPLAIN_LINES)
            return false;
        if (piece->field == HTTP_BAGGAGE)
            baggage_parse(&e->came, span_trim(*value));
        else
            e->field[e->in.fields++] = (struct inbound_field){ piece->field, span_trim(*value) };
        *value = SPAN("");
    }
    return true;
}

/* True if it is one whole head. */
static bool follow(struct example *e, struct span text, const struct policy *p)
{
    struct http_request r;
    struct http_piece piece;
    struct span value = SPAN("");
    http_request_init(&r, policy_watch(p));
    do {
        size_t used = http_request_next(&r, text, &piece);
        text = span_make(text.at + used, text.len - used);
        if (piece.event == HTTP_HEAD_END)
            return true;
    } while (piece.event != HTTP_OPAQUE && (text.len || piece.event != HTTP_MORE) &&
             note(e, &piece, &value));
    return false;
}

bool example_read(struct example *e, const char *file, const struct policy *p)
{
    char why[FILE_WHY];
    size_t len;
    *e = (struct example){ .text = file_read(file, LIMIT_SETTINGS_FILE, &len, why) };
    e->in.field = e->field;
    e->in.came = &e->came;
    if (!e->text) {
        say("%s: %s", file, why);
        return false;
    }
    struct span text = span_make(e->text, len);
    first_line(e, text);
    if (follow(e, text, p))
        return true;
    /* What an editor saves often lacks the empty line at the end. */
    char *longer = realloc(e->text, len + 3);
    if (!longer)
        return false;
    e->text = longer;
    memcpy(longer + len, "\n\n", 2);
    e->in.fields = 0;
    baggage_init(&e->came);
    text = span_make(longer, len + 2);
    first_line(e, text);
    if (follow(e, text, p))
        return true;
    say("%s: this is no HTTP/1 request of up to %d lines", file, EXPLAIN_LINES);
    return false;
}
