#include "context/context.h"

#include <stdlib.h>

#include "context/trace.h"

#define LAYERS_MAX 8

/* Contexts without a reference. They cannot be freed where the last one is given up, which may be a
 * hook in a signal handler. */
static _Atomic(struct context *) garbage;

static void collect(void)
{
    struct context *c = atomic_exchange(&garbage, NULL);
    while (c) {
        struct context *next = c->next;
        free(c);
        c = next;
    }
}

/* What of a layer goes in, after all stronger layers had their say. */
static member_set admit(const struct layer *layers, size_t i, size_t members, size_t bytes)
{
    member_set set = members_of(layers[i].list) & ~layers[i].removed;
    for (size_t s = 0; s < i; s++) {
        if (layers[s].alone)
            return MEMBERS_NONE;
        set &= baggage_missing(layers[i].list, layers[s].list);
    }
    return baggage_fit(layers[i].list, set, members, bytes);
}

/* Chooses members layer by layer; returns the length of the whole value. */
static size_t choose(const struct layer *layers, size_t count, member_set *chosen, size_t *members)
{
    size_t bytes = 0;
    *members = 0;
    for (size_t i = 0; i < count; i++) {
        chosen[i] = admit(layers, i, *members, bytes);
        if (!chosen[i])
            continue;
        bytes += baggage_format_len(layers[i].list, chosen[i]) + (*members > 0);
        *members += (size_t)__builtin_popcountll(chosen[i]);
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

static void fill(struct context *c, char *text, const struct layer *layers, size_t count,
                 const member_set *chosen, size_t len)
{
    size_t at = 0;
    for (size_t i = count; i-- > 0;) {
        if (!chosen[i])
            continue;
        if (at)
            text[at++] = ',';
        at += baggage_format(layers[i].list, chosen[i], text + at, len - at);
    }
    c->value = span_make(text, at);
    baggage_init(&c->list);
    baggage_parse(&c->list, c->value);
}

struct context *context_build(const struct layer *layers, size_t count, struct span traceparent,
                              struct span tracestate)
{
    member_set chosen[LAYERS_MAX];
    size_t members, len;
    if (count > LAYERS_MAX)
        return NULL;
    if (!traceparent_valid(traceparent))
        traceparent = (struct span){ 0 };
    if (!traceparent.len || !tracestate_valid(tracestate))
        tracestate = (struct span){ 0 };
    collect();
    len = choose(layers, count, chosen, &members);

    size_t head = offsetof(struct context, list.member) + (members + 1) * sizeof(struct member);
    struct context *c = malloc(head + len + traceparent.len + tracestate.len + 1);
    if (!c)
        return NULL;
    char *text = (char *)c + head;
    atomic_init(&c->refs, 1);
    c->immortal = false;
    fill(c, text, layers, count, chosen, len);
    put(put(text + len, traceparent, &c->traceparent), tracestate, &c->tracestate);
    return c;
}

struct context *context_hold(struct context *c)
{
    if (c && !c->immortal)
        atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void context_release(struct context *c)
{
    if (!c || c->immortal || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
        return;
    c->next = atomic_load(&garbage);
    while (!atomic_compare_exchange_weak(&garbage, &c->next, c))
        ;
}
