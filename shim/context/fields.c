#include "context/fields.h"

#include "base/blocks.h"
#include "base/buf.h"
#include "base/counters.h"
#include "context/trace.h"

#define WATCHED_MAX 64 /* lines that policy is shown */

static void sort_line(struct fields *f, uint32_t forwarded, unsigned field, struct span value)
{
    if (field == HTTP_BAGGAGE)
        baggage_parse(&f->baggage, value);
    else if (field < FIELD_LINE && (forwarded >> field & 1) && f->forwards < FIELDS_FORWARDED)
        f->forward[f->forwards++] = (struct forwarded){ .field = field, .value = span_trim(value) };
}

/* Several lines of tracestate are one list (STANDARD H27). */
static void join_tracestate(struct fields *f, const struct capture *from)
{
    unsigned field;
    struct span value;
    f->joined = block_take(LIMIT_TRACESTATE + 1);
    struct buf b = buf_over(f->joined, f->joined ? LIMIT_TRACESTATE + 1 : 0);
    for (uint32_t at = 0; capture_next(from, &at, &field, &value);) {
        if (field != HTTP_TRACESTATE || !span_trim(value).len)
            continue;
        if (b.len)
            buf_putc(&b, ',');
        buf_put(&b, span_trim(value));
    }
    f->tracestate = b.cut ? (struct span){ 0 } : buf_span(&b);
}

/* More than one traceparent is as good as none. */
static void sort_trace(struct fields *f, const struct capture *from)
{
    unsigned field, parents = 0, states = 0;
    struct span value;
    for (uint32_t at = 0; capture_next(from, &at, &field, &value);) {
        if (field == HTTP_TRACEPARENT && ++parents)
            f->traceparent = span_trim(value);
        if (field == HTTP_TRACESTATE && ++states)
            f->tracestate = span_trim(value);
    }
    if (parents != 1 || !traceparent_valid(f->traceparent))
        f->traceparent = (struct span){ 0 };
    else if (states > 1)
        join_tracestate(f, from);
}

static struct span target_of(struct span line)
{
    struct span rest;
    while (line.len && (*line.at == '\r' || *line.at == '\n'))
        line = span_make(line.at + 1, line.len - 1);
    span_cut(line, ' ', &rest);
    return rest.at ? span_cut(rest, ' ', &rest) : rest;
}

static uint16_t port_of(struct span text)
{
    unsigned port = 0;
    for (size_t i = 0; i < text.len && port <= UINT16_MAX; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return 0;
        port = port * 10 + (unsigned)(text.at[i] - '0');
    }
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* The next line, by the numbers that a table gives to names. Those that are in no table are passed
 * over. */
static bool next_line(const struct capture *from, const struct http_watch *watch, uint32_t *at,
                      unsigned *field, struct span *value)
{
    unsigned named = HTTP_FIELD_NONE;
    while (capture_next(from, at, field, value)) {
        if (*field < HTTP_FORWARD || (*field >= FIELD_LINE && *field != FIELD_NAME))
            return true;
        if (*field == FIELD_NAME) {
            named = http_watch_find(watch, *value);
        } else if (named != HTTP_FIELD_NONE) {
            *field = named;
            return true;
        }
    }
    return false;
}

static void show_line(struct inbound *in, struct inbound_field *lines, unsigned field,
                      struct span value)
{
    if (field == FIELD_LINE)
        in->target = target_of(value);
    else if (field == FIELD_PEER)
        in->peer = value;
    else if (field == FIELD_PEER_UNIX)
        in->peer_unix = true;
    else if (field == FIELD_PORT)
        in->port = port_of(value);
    else if (field >= HTTP_FORWARD && in->fields < WATCHED_MAX)
        lines[in->fields++] =
            (struct inbound_field){ .field = (uint8_t)field, .value = span_trim(value) };
}

static bool ask_policy(struct fields *f, const struct capture *from, const struct policy *policy)
{
    struct inbound_field *lines = block_take(WATCHED_MAX * sizeof *lines);
    struct inbound in = { .field = lines, .came = &f->baggage };
    unsigned field;
    struct span value;
    f->text = block_take(LIMIT_LIST);
    if (lines && f->text) {
        struct buf made = buf_over(f->text, LIMIT_LIST);
        for (uint32_t at = 0; next_line(from, policy_watch(policy), &at, &field, &value);)
            show_line(&in, lines, field, value);
        f->admitted = policy_inbound(policy, &in, &made);
        baggage_parse(&f->made, buf_span(&made));
    }
    block_give(lines);
    return lines && f->text;
}

static void count_some(enum counter which, uint64_t n)
{
    if (n)
        count_add(which, n);
}

void fields_count_list(const struct baggage *b)
{
    if (!b->dropped)
        return;
    count_some(COUNT_parse_baggage, b->malformed > 0);
    count_some(COUNT_dropped_malformed, b->malformed);
    count_some(COUNT_dropped_too_many, b->too_many);
    count_some(COUNT_dropped_too_long, b->dropped - b->malformed - b->too_many);
}

static void count_refused(const struct fields *f, const struct capture *from)
{
    member_set came = members_of(&f->baggage), kept_out = came & ~f->admitted;
    bool parents = capture_has(from, HTTP_TRACEPARENT), states = capture_has(from, HTTP_TRACESTATE);
    fields_count_list(&f->baggage);
    count_some(COUNT_dropped_inbound, members_count(kept_out));
    count_some(COUNT_refused_untrusted, came && kept_out == came);
    count_some(COUNT_refused_malformed, !came && f->baggage.malformed);
    count_some(COUNT_parse_trace,
               (parents && !f->traceparent.len) || (states && !tracestate_valid(f->tracestate)));
}

struct fields *fields_sort(const struct capture *from, const struct policy *policy)
{
    struct fields *f = block_take(sizeof *f); /* the stack may be small */
    unsigned field;
    struct span value;
    if (!f) {
        count_some(COUNT_refused_memory, capture_first_look(from));
        return NULL;
    }
    baggage_init(&f->baggage);
    baggage_init(&f->made);
    f->forwards = 0;
    f->traceparent = f->tracestate = (struct span){ 0 };
    f->joined = f->text = NULL;
    f->admitted = MEMBERS_ALL;
    for (uint32_t at = 0; next_line(from, policy_watch(policy), &at, &field, &value);)
        sort_line(f, policy_forwarded(policy), field, value);
    sort_trace(f, from);
    if (policy && !ask_policy(f, from, policy)) {
        fields_free(f);
        count_some(COUNT_refused_memory, capture_first_look(from));
        return NULL;
    }
    if (capture_first_look(from))
        count_refused(f, from);
    return f;
}

void fields_free(struct fields *f)
{
    block_give(f->joined);
    block_give(f->text);
    block_give(f);
}
