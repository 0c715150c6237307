#include "carrier/insertion.h"

/* Hands out spans, but for the first `skip` bytes. */
struct cursor {
    struct span *out;
    size_t max, used;
    size_t skip;
    size_t len; /* of all spans, skipped bytes too */
};

static void give(struct cursor *c, struct span s)
{
    c->len += s.len;
    if (s.len <= c->skip) {
        c->skip -= s.len;
        return;
    }
    if (c->used < c->max)
        c->out[c->used] = span_make(s.at + c->skip, s.len - c->skip);
    c->used++;
    c->skip = 0;
}

/* Members stand in the context's value in order and joined by commas, so that neighbours are one
 * span. Returns what is left of the set. */
static member_set give_run(struct cursor *c, const struct baggage *list, member_set set)
{
    unsigned first = (unsigned)__builtin_ctzll(set);
    member_set run = ~(set >> first);
    unsigned count = run ? (unsigned)__builtin_ctzll(run) : 64;
    const struct member *from = &list->member[first], *to = &list->member[first + count - 1];
    give(c, span_make(from->at, (size_t)(to->at + to->len - from->at)));
    return first + count >= 64 ? 0 : set & (MEMBERS_ALL << (first + count));
}

/* With another value than its own, and without its properties. */
static void give_changed(struct cursor *c, const struct insertion *i, unsigned at)
{
    struct span key = member_key(&i->of->list.member[at]);
    give(c, key);
    if (i->what.fixed >> at & 1)
        give(c, policy_fixed(context_policy(i->of), i->what.rule, key));
    else
        give(c, context_hash(i->of, at));
}

/* The members of a run that stand before the first one that goes changed. */
static member_set before_changed(const struct insertion *i, member_set left)
{
    member_set changed = left & (i->what.fixed | i->what.hashed);
    return changed ? left & ((changed & -changed) - 1) : left;
}

static void give_members(struct cursor *c, const struct insertion *i)
{
    member_set left = insertion_members(i);
    while (left) {
        member_set plain = before_changed(i, left);
        if (plain) {
            left = (left & ~plain) | give_run(c, &i->of->list, plain);
        } else {
            give_changed(c, i, (unsigned)__builtin_ctzll(left));
            left &= left - 1;
        }
        if (left)
            give(c, SPAN(","));
    }
}

static void give_line(struct cursor *c, struct span name, struct span value, struct span end)
{
    give(c, name);
    give(c, value);
    give(c, end);
}

static void give_forward(struct cursor *c, const struct insertion *i, struct span end)
{
    for (uint32_t left = i->forward; left; left &= left - 1) {
        const struct forwarded *f = &i->of->forward[__builtin_ctz(left)];
        give(c, http_watch_name(i->of->by->watch, f->field));
        give_line(c, SPAN(": "), f->value, end);
    }
}

/* Nothing is withheld or changed, as is usual: then all of it lies in one piece. */
static bool is_whole(const struct insertion *i)
{
    const struct context *c = i->of;
    return i->kind == INSERT_LINES && !i->bare_lf && i->what.members == members_of(&c->list) &&
           i->traceparent == (c->traceparent.len > 0) && i->tracestate == (c->tracestate.len > 0);
}

static void give_all(struct cursor *c, const struct insertion *i)
{
    if (is_whole(i)) {
        give(c, i->of->lines);
        give_forward(c, i, SPAN("\r\n"));
        return;
    }
    struct span end = i->bare_lf ? SPAN("\n") : SPAN("\r\n");
    if (i->kind == INSERT_MERGE) {
        if (i->comma)
            give(c, SPAN(","));
        give_members(c, i);
        if (i->behind)
            give(c, SPAN(","));
        return;
    }
    if (i->kind != INSERT_LINES)
        return;
    if (insertion_members(i)) {
        give(c, SPAN("baggage: "));
        give_members(c, i);
        give(c, end);
    }
    if (i->traceparent)
        give_line(c, SPAN("traceparent: "), i->of->traceparent, end);
    if (i->tracestate)
        give_line(c, SPAN("tracestate: "), i->of->tracestate, end);
    give_forward(c, i, end);
}

size_t insertion_len(const struct insertion *i)
{
    struct cursor c = { .skip = SIZE_MAX };
    if (!i->forward && is_whole(i))
        return i->of->lines.len;
    give_all(&c, i);
    return c.len;
}

size_t insertion_spans(const struct insertion *i, struct span *out, size_t max)
{
    struct cursor c = { .out = out, .max = max, .skip = i->sent };
    give_all(&c, i);
    return c.used < max ? c.used : max;
}
