#include "context/context.h"

#include "base/blocks.h"
#include "context/trace.h"

#define LAYERS_MAX 8

/* What of a layer goes in, after all stronger layers had their say. */
static member_set admit(const struct layer *layers, size_t i, size_t members, size_t bytes,
                        uint32_t *over)
{
    member_set set = members_of(layers[i].list) & ~layers[i].removed & ~layers[i].left_out;
    for (size_t s = 0; set && s < i; s++) {
        if (layers[s].alone)
            return MEMBERS_NONE;
        set &= baggage_missing_in(layers[i].list, layers[s].list, ~layers[s].left_out);
    }
    member_set fits = baggage_fit(layers[i].list, set, members, bytes);
    *over += members_count(set & ~fits);
    return fits;
}

/* Chooses members layer by layer; returns the length of the whole value. */
static size_t choose(const struct layer *layers, size_t count, member_set *chosen, size_t *members,
                     uint32_t *over)
{
    size_t bytes = 0;
    *members = *over = 0;
    for (size_t i = 0; i < count; i++) {
        chosen[i] = admit(layers, i, *members, bytes, over);
        if (!chosen[i])
            continue;
        bytes += baggage_format_len(layers[i].list, chosen[i]) + (*members > 0);
        *members += members_count(chosen[i]);
    }
    return bytes;
}

static char *put(char *at, struct span s, struct span *where)
{
    if (s.len)
        memcpy(at, s.at, s.len);
    *where = span_make(at, s.len);
    return at + s.len;
}

#define LINE_OF(name) (sizeof(name) - 1 + sizeof(": \r\n") - 1)

static char *put_text(char *at, struct span s)
{
    memcpy(at, s.at, s.len);
    return at + s.len;
}

/* A whole header line, unless its value is empty; *where is the value in it. */
static char *put_line(char *at, struct span name, struct span value, struct span *where)
{
    if (value.len == 0)
        return put(at, value, where);
    at = put(put_text(put_text(at, name), SPAN(": ")), value, where);
    return put_text(at, SPAN("\r\n"));
}

/* The members in the order in which they are sent, all as they are. False: some are to be tidied.
 */
static bool gather(struct context *c, char *value, const struct layer *layers, size_t count,
                   const member_set *chosen)
{
    struct baggage *list = &c->list;
    baggage_init(list);
    for (size_t i = count; i-- > 0;) {
        for (member_set left = chosen[i]; left; left &= left - 1) {
            const struct member *m = &layers[i].list->member[__builtin_ctzll(left)];
            if (!m->tidy)
                return false;
            if (list->count)
                value[list->bytes++] = ',';
            memcpy(value + list->bytes, m->at, m->len);
            list->member[list->count] = *m;
            list->member[list->count].at = value + list->bytes;
            list->member[list->count].joined = list->count > 0;
            list->count++;
            list->bytes += m->len;
        }
    }
    list->raw = list->bytes;
    c->value = span_make(value, list->bytes);
    return true;
}

static void tidy(struct context *c, char *value, const struct layer *layers, size_t count,
                 const member_set *chosen, size_t len)
{
    size_t at = 0;
    for (size_t i = count; i-- > 0;) {
        if (!chosen[i])
            continue;
        if (at)
            value[at++] = ',';
        at += baggage_format(layers[i].list, chosen[i], value + at, len - at);
    }
    c->value = span_make(value, at);
    baggage_init(&c->list);
    baggage_parse(&c->list, c->value);
}

static char *fill(struct context *c, char *text, const struct layer *layers, size_t count,
                  const member_set *chosen, size_t len)
{
    char *value = len ? put_text(text, SPAN("baggage: ")) : text;
    if (!gather(c, value, layers, count, chosen))
        tidy(c, value, layers, count, chosen, len);
    return len ? put_text(value + c->value.len, SPAN("\r\n")) : text;
}

/* The lines that go out where nothing is withheld, in one piece. */
static char *fill_lines(struct context *c, char *text, const struct layer *layers, size_t count,
                        const member_set *chosen, size_t len, struct span traceparent,
                        struct span tracestate)
{
    char *end = fill(c, text, layers, count, chosen, len);
    end = put_line(end, SPAN("traceparent"), traceparent, &c->traceparent);
    end = put_line(end, SPAN("tracestate"), tracestate, &c->tracestate);
    c->lines = span_make(text, (size_t)(end - text));
    return end;
}

/* Only printable bytes and tabs of ours reach the wire (STANDARD I28), and no more of them than of
 * anything else. */
static bool may_be_forwarded(struct span value, size_t so_far)
{
    if (value.len > LIMIT_LIST || so_far + value.len > LIMIT_LIST)
        return false;
    for (size_t i = 0; i < value.len; i++)
        if ((value.at[i] < 0x20 || value.at[i] > 0x7e) && value.at[i] != '\t')
            return false;
    return true;
}

/* How many of the forwarded lines go in, and their bytes. */
static uint32_t count_forwards(const struct trailing *t, size_t *bytes)
{
    uint32_t count = 0;
    *bytes = 0;
    for (uint32_t i = 0; i < t->forwards; i++) {
        if (!may_be_forwarded(t->forward[i].value, *bytes))
            continue;
        *bytes += t->forward[i].value.len;
        count++;
    }
    return count;
}

struct span context_hash(const struct context *c, unsigned member)
{
    member_set before = c->hashes & (((member_set)1 << member) - 1);
    return span_make(c->hash + POLICY_HASH_LEN * members_count(before), POLICY_HASH_LEN);
}

/* Made here, where nobody waits for it more than once. */
static char *fill_hashes(struct context *c, char *text, const struct policy *policy)
{
    c->hashes = policy_hashes(policy, &c->list);
    c->hash = text;
    for (member_set left = c->hashes; left; left &= left - 1, text += POLICY_HASH_LEN)
        policy_hash(policy, &c->list.member[__builtin_ctzll(left)], text);
    return text;
}

static size_t count_hashes(const struct layer *layers, size_t count, const member_set *chosen,
                           const struct policy *policy)
{
    size_t hashes = 0;
    for (size_t i = 0; i < count; i++)
        if (chosen[i])
            hashes += members_count(policy_hashes(policy, layers[i].list) & chosen[i]);
    return hashes;
}

static void fill_forwards(struct context *c, struct forwarded *lines, char *text,
                          const struct trailing *t)
{
    size_t bytes = 0;
    c->forward = lines;
    c->forwards = 0;
    for (uint32_t i = 0; i < t->forwards; i++) {
        if (!may_be_forwarded(t->forward[i].value, bytes))
            continue;
        bytes += t->forward[i].value.len;
        lines[c->forwards].field = t->forward[i].field;
        text = put(text, t->forward[i].value, &lines[c->forwards++].value);
    }
}

struct context *context_build(const struct layer *layers, size_t count, const struct trailing *t)
{
    member_set chosen[LAYERS_MAX];
    size_t members, bytes;
    uint32_t over;
    struct span traceparent = t->traceparent, tracestate = t->tracestate;
    if (count > LAYERS_MAX)
        return NULL;
    if (!traceparent_valid(traceparent))
        traceparent = (struct span){ 0 };
    if (!traceparent.len || !tracestate_valid(tracestate))
        tracestate = (struct span){ 0 };
    size_t len = choose(layers, count, chosen, &members, &over);
    uint32_t forwards = count_forwards(t, &bytes);

    size_t head = offsetof(struct context, list.member) + (members + 1) * sizeof(struct member);
    size_t lines = forwards * sizeof(struct forwarded);
    size_t hashes = count_hashes(layers, count, chosen, t->by->policy) * POLICY_HASH_LEN;
    bytes += traceparent.len + tracestate.len + hashes;
    bytes += LINE_OF("baggage") + LINE_OF("traceparent") + LINE_OF("tracestate");
    struct context *c = block_take(head + lines + len + bytes);
    if (!c)
        return NULL;
    char *text = (char *)c + head + lines;
    atomic_init(&c->refs, 1);
    c->is_own = false;
    c->by = t->by;
    c->number = t->by->number;
    regime_hold(t->by);
    c->over = over;
    text = fill_lines(c, text, layers, count, chosen, len, traceparent, tracestate);
    text = fill_hashes(c, text, t->by->policy);
    fill_forwards(c, (struct forwarded *)(void *)((char *)c + head), text, t);
    return c;
}

void context_shelve(struct context *c)
{
    if (c && !c->is_own)
        atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
}

void context_discard(struct context *c)
{
    if (c && !c->is_own && atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) == 1)
        block_give(c);
}

struct context *context_hold(struct context *c)
{
    if (!c)
        return NULL;
    context_shelve(c);
    regime_hold(c->by);
    return c;
}

void context_release(struct context *c)
{
    if (!c)
        return;
    struct regime *by = c->by;
    context_discard(c);
    regime_drop(by);
}

struct context *context_revive(struct context *c, const struct regime *r)
{
    return c && c->number == r->number ? context_hold(c) : NULL;
}

struct context *context_settle(struct context *c)
{
    if (!c)
        return NULL;
    c->is_own = true;
    regime_drop(c->by);
    return c;
}

void context_free_own(struct context *c)
{
    block_give(c);
}
