#include "http_feed.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

struct run {
    const struct job *job;
    struct text *out;
    struct http_request request;
    struct http_response response;
    size_t at;        /* offset in the stream */
    bool open;        /* the last line is a VALUE to which more may come */
    bool opaque;      /* it was told */
    uint32_t present; /* JOB_INSERT: fields that this request has by now */
};

void text_put(struct text *t, struct span s)
{
    while (t->len + s.len + 1 > t->max) {
        t->max = t->max ? t->max * 2 : 4096;
        t->at = realloc(t->at, t->max);
        if (!t->at)
            abort();
    }
    if (s.len)
        memcpy(t->at + t->len, s.at, s.len);
    t->len += s.len;
    t->at[t->len] = 0;
}

void text_printf(struct text *t, const char *format, ...)
{
    char line[1024];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text_put(t, span_make(line, n < (int)sizeof line ? (size_t)n : sizeof line - 1));
}

static void put_escaped(struct text *t, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.at[i];

        if (c > 0x20 && c < 0x7f && c != '\\')
            text_put(t, span_make(s.at + i, 1));
        else
            text_printf(t, "\\x%02x", c);
    }
}

static const char *const methods[] = { "other", "HEAD", "CONNECT" };

static void show_host(struct run *run)
{
    struct span host;

    switch (http_request_host(&run->request, &host)) {
    case HTTP_HOST_ABSENT:
        text_printf(run->out, " no-host");
        break;
    case HTTP_HOST_UNKNOWN:
        text_printf(run->out, " host-unknown");
        break;
    default:
        text_printf(run->out, " host=");
        put_escaped(run->out, host);
        text_printf(run->out, "/%d", http_request_default_port(&run->request));
    }
}

static void show_head_end(struct run *run, const struct http_piece *p)
{
    text_printf(run->out, "HEAD_END%s%s%s%s", p->bare_lf ? " lf" : " crlf",
                p->close ? " close" : "", p->upgrade ? " upgrade" : "", p->expect ? " expect" : "");
    if (run->job->kind == JOB_REQUEST)
        show_host(run);
}

static void show_value(struct run *run, const struct http_piece *p)
{
    struct text *const t = run->out;

    if (!run->open) {
        text_printf(t, "%zu VALUE ", run->at - p->value.len);
        put_escaped(t, http_watch_name(&run->job->watch, p->field));
        text_printf(t, " ");
    }
    put_escaped(t, p->value);
    run->open = true;
}

static void show_field_end(struct run *run, const struct http_piece *p)
{
    text_printf(run->out, "FIELD_END ");
    put_escaped(run->out, http_watch_name(&run->job->watch, p->field));
    text_printf(run->out, p->last ? " last=" : " blank");
    put_escaped(run->out, span_make(&p->last, p->last ? 1 : 0));
    text_printf(run->out, "%s", p->folded ? " folded" : "");
}

static void show(struct run *run, const struct http_piece *p)
{
    if (p->event == HTTP_MORE)
        return;
    if (p->event == HTTP_VALUE) {
        show_value(run, p);
        return;
    }
    text_printf(run->out, "%s%zu ", run->open ? "\n" : "", run->at);
    run->open = false;
    switch (p->event) {
    case HTTP_LINE:
        text_printf(run->out, "LINE %s 1.%d%s", methods[p->method], p->minor,
                    p->absolute ? " absolute" : "");
        break;
    case HTTP_STATUS:
        text_printf(run->out, "STATUS %d 1.%d", p->status, p->minor);
        break;
    case HTTP_FIELD_END:
        show_field_end(run, p);
        break;
    case HTTP_HEAD_END:
        show_head_end(run, p);
        break;
    case HTTP_DONE:
        text_printf(run->out, "DONE%s", run->job->kind == JOB_RESPONSE && p->close ? " close" : "");
        break;
    default:
        text_printf(run->out, "OPAQUE");
    }
    text_printf(run->out, "\n");
}

static bool is_baggage(struct span name)
{
    return span_equal_nocase(name, SPAN("baggage"));
}

/* DESIGN.md section 4: into the program's own line, once. */
static void merge(struct run *run, const struct http_piece *p)
{
    const struct job *const j = run->job;
    const bool first = !(run->present & 1u << p->field);

    run->present |= 1u << p->field;
    for (size_t i = 0; i < j->fields && first && p->field == HTTP_BAGGAGE; i++) {
        if (!is_baggage(j->name[i]))
            continue;
        text_printf(run->out, "%s", p->last && p->last != ',' ? "," : "");
        text_put(run->out, j->value[i]);
        text_printf(run->out, "%s", p->last == ',' ? "," : "");
    }
}

/* And what is absent as new lines. */
static void add(struct run *run, const struct http_piece *p)
{
    const struct job *const j = run->job;

    for (size_t i = 0; i < j->fields; i++) {
        bool present = false;

        for (unsigned f = 0; f < HTTP_FORWARD + j->watch.count; f++)
            present |= (run->present >> f & 1) &&
                       span_equal_nocase(http_watch_name(&j->watch, f), j->name[i]);
        if (present)
            continue;
        text_put(run->out, j->name[i]);
        text_put(run->out, SPAN(": "));
        text_put(run->out, j->value[i]);
        text_printf(run->out, p->bare_lf ? "\n" : "\r\n");
    }
}

static void insert(struct run *run, const struct http_piece *p, struct span consumed)
{
    text_put(run->out, consumed);
    if (p->event == HTTP_LINE)
        run->present = 0;
    else if (p->event == HTTP_FIELD_END)
        merge(run, p);
    else if (p->event == HTTP_HEAD_END)
        add(run, p);
}

static void take(struct run *run, struct span piece)
{
    struct http_piece p;
    size_t n;

    do {
        n = run->job->kind == JOB_RESPONSE ? http_response_next(&run->response, piece, &p)
                                           : http_request_next(&run->request, piece, &p);
        run->at += n;
        if (run->job->kind == JOB_INSERT)
            insert(run, &p, span_make(piece.at, n));
        else if (p.event != HTTP_OPAQUE || !run->opaque)
            show(run, &p);
        run->opaque |= p.event == HTTP_OPAQUE;
        piece = span_make(piece.at + n, piece.len - n);
    } while (p.event != HTTP_MORE && (p.event != HTTP_OPAQUE || piece.len));
}

static void act(struct run *run, const struct act *a)
{
    static const enum http_method method_of[128] = { ['H'] = HTTP_HEAD, ['C'] = HTTP_CONNECT };

    if (a->what == 'a')
        http_request_answer(&run->request, (unsigned)a->number);
    else if (a->what == 'e')
        http_response_expect(&run->response, method_of[a->number & 127]);
    else if (run->job->kind == JOB_RESPONSE)
        http_response_skip(&run->response, a->number);
    else
        http_request_skip(&run->request, a->number);
    /* What it changed is told at once. */
    take(run, span_make(NULL, 0));
}

/* A copy of `s` that ends where memory ends. */
static struct span at_guard(struct span s)
{
    enum { PAGE = 4096, ROOM = 1 << 20 };
    static char *base;

    if (!base) {
        base = mmap(NULL, ROOM + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (base == MAP_FAILED || mprotect(base + ROOM, PAGE, PROT_NONE) || s.len > ROOM)
            abort();
    }
    memcpy(base + ROOM - s.len, s.at, s.len);
    return span_make(base + ROOM - s.len, s.len);
}

static size_t next_cut(struct cuts *c, size_t at, size_t end)
{
    size_t to = end;

    if (c->every && at + c->every < to)
        to = at + c->every;
    if (c->split > at && c->split < to)
        to = c->split;
    if (c->seed) {
        c->seed = c->seed * 6364136223846793005u + 1442695040888963407u;
        if (at + 1 + (c->seed >> 33) % 64 < to)
            to = at + 1 + (c->seed >> 33) % 64;
    }
    return to;
}

void feed(const struct job *j, struct cuts cuts, struct text *out)
{
    struct run run = { .job = j, .out = out };
    size_t acts = 0;

    http_request_init(&run.request, &j->watch);
    http_response_init(&run.response);
    for (;;) {
        size_t end;

        for (; acts < j->acts && j->act[acts].at == run.at; acts++)
            act(&run, &j->act[acts]);
        if (run.at == j->in.len)
            break;
        end = acts < j->acts && j->act[acts].at < j->in.len ? j->act[acts].at : j->in.len;
        end = next_cut(&cuts, run.at, end);
        take(&run, at_guard(span_make(j->in.at + run.at, end - run.at)));
    }
    if (run.open)
        text_printf(out, "\n");
    if (j->kind == JOB_RESPONSE && j->close) {
        static const char *const end[] = { "idle", "complete", "cut", "unknown" };

        text_printf(out, "%zu CLOSE %s\n", run.at, end[http_response_close(&run.response)]);
    }
}
