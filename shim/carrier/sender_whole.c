/* Whole requests, at one look. */
#include "base/log.h"
#include "carrier/sender_state.h"

/* What goes into a request with a plain head that has none of our fields; false: that has to be
 * judged. */
static bool judge_whole(const struct sending *call, struct chunk *out)
{
    const struct context *c = call->now;
    out->one.counts = !call->left_alone;
    out->one.skip = SKIP_NOTHING;
    if (call->left_alone || !c)
        return true;
    out->one.skip = SKIP_EMPTY;
    if (!c->list.count && !c->traceparent.len && !c->forwards)
        return true;
    if (!process_sends_whole(c))
        return false;
    out->ins = (struct insertion){
        .of = c,
        .what = { .members = members_of(&c->list), .rule = RULE_NONE_SET },
        .kind = INSERT_LINES,
        .traceparent = c->traceparent.len > 0,
        .tracestate = c->tracestate.len > 0,
    };
    out->ours = c->lines.len;
    return true;
}

/* The vectors behind the first one hold so many bytes; false: not of this request's body alone. */
static bool take_body(struct http_whole_request *r, size_t more)
{
    if (more > r->left)
        return false;
    r->left -= more;
    r->len += more;
    return true;
}

bool sender_plan_whole(const struct sender *s, const struct source *from,
                       const struct sending *call, struct chunk *out)
{
    struct http_whole_request *const r = &out->one.request;
    struct http_whole lines;
    if (s->ins.kind != INSERT_NOTHING || !from->count || from->skip || call->desk ||
        log_wants(LOG_DEBUG))
        return false;
    const struct span in = source_span(from, SIZE_MAX);
    if (!http_request_whole(&s->http, sender_watch(call->now), in, r, &lines) || lines.told ||
        r->len != in.len || !take_body(r, source_len(from) - in.len))
        return false;
    out->ins.kind = INSERT_NOTHING;
    out->ours = 0;
    if (!judge_whole(call, out))
        return false;
    out->before = out->ours ? r->head : r->len;
    out->tail = r->len - out->before;
    out->requests = s->requests + 1;
    out->methods = s->methods << 2 | r->line.method;
    out->opaque = false;
    return true;
}

void sender_take_whole(struct sender *s, const struct sending *call, const struct chunk *c)
{
    http_request_take(&s->http, sender_watch(call->now), &c->one.request);
    s->requests = c->requests;
    s->methods = c->methods;
    s->context = NULL;
    s->left_alone = call->left_alone;
    s->own_baggage = s->own_trace = s->in_head = s->absolute = false;
    s->own_forward = 0;
    s->put = c->ours > 0;
    if (!c->ours && c->one.counts)
        sender_skipped(s, (enum sender_skip)c->one.skip);
}
