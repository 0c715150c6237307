#include "carrier/curl_list.h"

#include <stdlib.h>

#include "base/buf.h"
#include "carrier/insertion.h"

/* How libcurl will treat an entry (CURLOPT_HTTPHEADER). */
enum entry_kind {
    ENTRY_LINE,     /* "Name: value", sent as it stands */
    ENTRY_SUPPRESS, /* "Name:", not sent, and libcurl's own is left out */
    ENTRY_EMPTY,    /* "Name;", sent as "Name:" */
    ENTRY_NONSENSE, /* none of these: ignored by libcurl */
};

struct entry {
    enum entry_kind kind;
    struct span name;
    struct span value; /* trimmed; of an ENTRY_LINE */
};

/* What the program's list says about our fields. */
struct own {
    const struct http_watch *watch;
    struct baggage *list;  /* of all its baggage lines; NULL: none */
    struct slist *last;    /* the last of those, or NULL */
    struct span last_name; /* in its own spelling */
    struct span last_value;
    size_t before_last;  /* entries before it */
    bool baggage_closed; /* suppressed or sent empty */
    bool trace;          /* says something about traceparent or tracestate */
    uint32_t forward;    /* and about these fields, a bit each */
    bool doubt;          /* too long, or lines hidden within an entry */
};

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct entry entry_read(const char *data)
{
    struct span all = span_of(data), rest;
    struct entry e = { .kind = ENTRY_LINE };
    e.name = span_cut(all, ':', &rest);
    if (!rest.at) {
        e.name = span_cut(all, ';', &rest);
        e.kind = ENTRY_EMPTY;
    }
    if (!rest.at)
        return (struct entry){ .kind = ENTRY_NONSENSE, .name = all };
    while (rest.len && is_blank(rest.at[0])) {
        rest.at++;
        rest.len--;
    }
    while (rest.len && is_blank(rest.at[rest.len - 1]))
        rest.len--;
    e.name = span_trim(e.name);
    e.value = rest;
    if (e.kind == ENTRY_LINE && rest.len == 0)
        e.kind = ENTRY_SUPPRESS;
    else if (e.kind == ENTRY_EMPTY && rest.len > 0)
        e.kind = ENTRY_NONSENSE;
    return e;
}

/* Programs smuggle several lines into one entry; what they hold is not ours to take apart. */
static bool hides_lines(const char *data)
{
    return data[strcspn(data, "\r\n")] != '\0';
}

static void own_note(struct own *o, struct slist *at, size_t index)
{
    struct entry e = entry_read(at->data);
    if (hides_lines(at->data))
        o->doubt = true;
    if (span_equal_nocase(e.name, SPAN("traceparent")) ||
        span_equal_nocase(e.name, SPAN("tracestate")))
        o->trace = true;
    uint8_t field = http_watch_find(o->watch, e.name);
    if (field != HTTP_FIELD_NONE)
        o->forward |= 1u << field;
    if (e.kind == ENTRY_NONSENSE || !span_equal_nocase(e.name, SPAN("baggage")))
        return;
    if (e.kind != ENTRY_LINE) {
        o->baggage_closed = true;
        return;
    }
    if (!o->list && (o->list = malloc(sizeof *o->list)))
        baggage_init(o->list);
    if (!o->list)
        o->doubt = true;
    else
        baggage_parse(o->list, e.value);
    o->last = at;
    o->last_name = e.name;
    o->last_value = e.value;
    o->before_last = index;
}

static void own_read(struct own *o, struct slist *list, const struct http_watch *watch)
{
    size_t index = 0;
    *o = (struct own){ .watch = watch };
    for (struct slist *at = list; at; at = at->next, index++) {
        if (index == LIMIT_CURL_LIST || !at->data) {
            o->doubt = true;
            return;
        }
        own_note(o, at, index);
    }
}

/* The block: nodes first, then text. */
struct maker {
    struct slist *nodes;
    size_t used;
    struct buf text;
};

static void maker_text(struct maker *m, struct span s)
{
    buf_put(&m->text, s);
}

static struct slist *maker_node(struct maker *m, char *data, struct slist *next)
{
    struct slist *node = &m->nodes[m->used++];
    *node = (struct slist){ .data = data, .next = next };
    return node;
}

/* "name: value\0" as a new node before `next`. */
static struct slist *maker_line(struct maker *m, struct span name, struct span value,
                                struct slist *next)
{
    char *data = m->text.at + m->text.len;
    maker_text(m, name);
    maker_text(m, SPAN(": "));
    maker_text(m, value);
    maker_text(m, span_make("", 1));
    return maker_node(m, data, next);
}

static void maker_members(struct maker *m, const struct insertion *ours)
{
    struct insertion left = *ours;
    struct span span;
    while (insertion_spans(&left, &span, 1) == 1) {
        maker_text(m, span);
        left.sent += (uint32_t)span.len;
    }
}

/* The program's list with its last baggage entry made longer: entries before it are copied (their
 * text is shared), those behind it are the program's own. */
static struct slist *merge(struct maker *m, const struct own *o, struct slist *own,
                           const struct insertion *ours)
{
    char *line = m->text.at + m->text.len;
    maker_text(m, o->last_name);
    maker_text(m, SPAN(": "));
    maker_text(m, o->last_value);
    maker_text(m, SPAN(","));
    maker_members(m, ours);
    maker_text(m, span_make("", 1));

    struct slist *head = maker_node(m, line, o->last->next), *previous = NULL;
    struct slist *replaced = head, *at = own;
    for (size_t i = 0; i < o->before_last; i++, at = at->next) {
        struct slist *copy = maker_node(m, at->data, replaced);
        if (previous)
            previous->next = copy;
        else
            head = copy;
        previous = copy;
    }
    return head;
}

static struct slist *add_trace(struct maker *m, const struct context *c, struct slist *head)
{
    if (c->tracestate.len)
        head = maker_line(m, SPAN("tracestate"), c->tracestate, head);
    return maker_line(m, SPAN("traceparent"), c->traceparent, head);
}

/* Lines to forward are added from the last to the first, so that they stand in order. */
static bool is_forwarded(const struct own *o, const struct context *c, uint32_t i)
{
    return !(o->forward >> c->forward[i].field & 1);
}

static struct slist *add_forward(struct maker *m, const struct own *o, const struct context *c,
                                 struct slist *head)
{
    for (uint32_t i = c->forwards; i-- > 0;) {
        const struct forwarded *f = &c->forward[i];
        if (is_forwarded(o, c, i))
            head = maker_line(m, http_watch_name(o->watch, f->field), f->value, head);
    }
    return head;
}

static struct slist *add_baggage(struct maker *m, const struct insertion *ours, struct slist *head)
{
    char *data = m->text.at + m->text.len;
    maker_text(m, SPAN("baggage: "));
    maker_members(m, ours);
    maker_text(m, span_make("", 1));
    return maker_node(m, data, head);
}

/* What of the selection is still to be said beside what the program says. */
static void narrow(const struct own *o, const struct context *c, struct selection *s,
                   struct insertion *ours, struct curl_list *out)
{
    const struct baggage *list = o->list;
    member_set may = o->baggage_closed ? MEMBERS_NONE : selection_members(s), missing = may;
    if (list)
        missing &= baggage_missing(&c->list, list);
    member_set fits = policy_fit(context_policy(c), &s->what, &c->list, missing,
                                 list ? list->count + list->dropped : 0, list ? list->bytes : 0);
    ours->what = s->what;
    insertion_only(ours, fits);
    out->duplicate = may & ~missing;
    out->over = missing & ~fits;
    s->trace = s->trace && c->traceparent.len && !o->trace;
    bool any = false;
    for (uint32_t i = 0; i < c->forwards && !any; i++)
        any = is_forwarded(o, c, i);
    s->forward = s->forward && any;
}

static size_t forward_len(const struct context *c)
{
    size_t len = 0;
    for (uint32_t i = 0; i < c->forwards; i++)
        len += HTTP_NAME_MAX + c->forward[i].value.len + 3;
    return len;
}

static bool maker_open(struct maker *m, const struct own *o, const struct context *c,
                       const struct insertion *ours)
{
    size_t nodes = o->before_last + 4 + c->forwards;
    size_t text = insertion_len(ours) + o->last_name.len + o->last_value.len + c->traceparent.len +
                  c->tracestate.len + forward_len(c) + 64;
    char *block = malloc(nodes * sizeof(struct slist) + text);
    if (!block)
        return false;
    m->nodes = (struct slist *)(void *)block;
    m->used = 0;
    m->text = buf_over(block + nodes * sizeof(struct slist), text);
    return true;
}

/* What it makes the request's head longer by. */
static size_t added_len(const struct own *o, const struct context *c, const struct selection *s,
                        const struct insertion *ours, bool merged)
{
    struct insertion lines = *ours;
    lines.kind = INSERT_LINES;
    lines.traceparent = s->trace;
    lines.tracestate = s->trace && c->tracestate.len;
    for (uint32_t i = 0; s->forward && i < c->forwards; i++)
        lines.forward |= (uint32_t)is_forwarded(o, c, i) << i;
    if (merged)
        insertion_only(&lines, MEMBERS_NONE);
    return insertion_len(&lines) + (merged ? 1 + insertion_len(ours) : 0);
}

/* Makes the list that `out`, which has the program's, is to have instead. */
static void make(struct curl_list *out, const struct own *o, const struct context *c,
                 struct selection s, const struct insertion *ours)
{
    struct maker m;
    out->result = CURL_LIST_NO_MEMORY;
    if (!maker_open(&m, o, c, ours))
        return;
    out->sent = insertion_members(ours);
    bool merged = out->sent && o->last;
    if (merged)
        out->head = merge(&m, o, out->head, ours);
    else if (out->sent)
        out->head = add_baggage(&m, ours, out->head);
    if (s.forward)
        out->head = add_forward(&m, o, c, out->head);
    if (s.trace)
        out->head = add_trace(&m, c, out->head);
    out->block = m.nodes;
    out->trace = s.trace;
    out->bytes = added_len(o, c, &s, ours, merged);
    out->result = merged ? CURL_LIST_MERGED : CURL_LIST_ADDED;
}

struct curl_list curl_list_build(struct slist *own, const struct context *c, struct selection s)
{
    struct curl_list out = { .head = own, .result = CURL_LIST_NOTHING };
    struct own o;
    struct insertion ours = { .kind = INSERT_MERGE, .of = c };
    if (!c || (!selection_members(&s) && !s.trace && !s.forward))
        return out;
    own_read(&o, own, c->by->watch);
    narrow(&o, c, &s, &ours, &out);
    if (o.doubt)
        out.result = CURL_LIST_DOUBT;
    else if (insertion_members(&ours) || s.trace || s.forward)
        make(&out, &o, c, s, &ours);
    else
        out.result = out.over ? CURL_LIST_LIMIT : CURL_LIST_OWN;
    free(o.list);
    return out;
}
