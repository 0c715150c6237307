#include "carrier/sender.h"

#include "carrier/report.h"
#include "carrier/sender_state.h"

void sender_init(struct sender *s, enum count_carrier carrier)
{
    *s = (struct sender){ .carrier = (uint8_t)carrier };
    http_request_init(&s->http, NULL);
}

bool sender_is_opaque(const struct sender *s)
{
    return http_request_phase(&s->http) == HTTP_IN_DARK && s->ins.kind == INSERT_NOTHING;
}

/* --- decisions -------------------------------------------------------------------------------- */

/* Where the request goes, as far as it can be known here: its own words, else the peer. As long as
 * the head goes on, a Host line may come: then it is not known whom the peer stands for (P8). */
static bool find_target(const struct sender *s, const struct sending *call, bool head_ends,
                        struct target *to, struct buf *storage)
{
    const struct peer *peer = call->peer;
    uint16_t port = s->carrier != CARRIER_SOCKET ? 443 : http_request_default_port(&s->http);
    struct span host;
    enum http_host_state known = http_request_host(&s->http, &host);
    bool direct = !s->absolute && peer->family;
    if (direct)
        peer_text(peer, storage);
    if (known == HTTP_HOST_KNOWN) {
        if (!authority_split(host, port, to))
            return false;
    } else if (head_ends && direct && storage->len && known == HTTP_HOST_ABSENT) {
        *to = (struct target){ .host = buf_span(storage), .port = peer->port };
    } else {
        return false;
    }
    if (direct) {
        to->address = buf_span(storage);
        to->address_port = peer->port;
    }
    if (call->desk)
        first_line_tell(&s->line, call->desk, to);
    return true;
}

static void tell(const struct sender *s, const struct target *to, struct selection chosen,
                 const struct insertion *ins)
{
    report_request(&(struct report){
        .carrier = s->carrier != CARRIER_SOCKET ? "tls" : "socket",
        .to = to,
        .of = s->context,
        .rule = chosen.what.rule,
        .judged = selection_members(&chosen),
        .sent = insertion_members(ins),
        .trace = ins->traceparent,
        .outcome = ins->kind == INSERT_MERGE   ? "merged"
                   : ins->kind == INSERT_LINES ? "added"
                   : s->own_baggage            ? "program-has-own"
                                               : "nothing",
    });
}

/* Those that the program does not send itself. */
static uint32_t lines_to_forward(const struct sender *s)
{
    uint32_t lines = 0;
    for (uint32_t i = 0; i < s->context->forwards; i++)
        if (!(s->own_forward >> s->context->forward[i].field & 1))
            lines |= 1u << i;
    return lines;
}

static __attribute__((cold)) enum sender_skip why_nothing(const struct context *c,
                                                          const struct selection *chosen,
                                                          member_set missing)
{
    if (!c->list.count && !c->traceparent.len && !c->forwards)
        return SKIP_EMPTY;
    if (chosen->what.off)
        return SKIP_OFF;
    if (missing)
        return SKIP_LIMIT;
    return selection_members(chosen) || chosen->trace || chosen->forward ? SKIP_PRESENT
                                                                         : SKIP_POLICY;
}

static uint16_t how_many(member_set set)
{
    return (uint16_t)members_count(set);
}

static void more(uint16_t *sum, unsigned n)
{
    *sum = (uint16_t)(*sum + n);
}

/* Members that stay behind: what may go, what of that the program does not say, what fits. */
static __attribute__((cold)) void tally_members(struct sender *s, member_set may,
                                                member_set missing, member_set fits)
{
    member_set all = members_of(&s->context->list);
    s->tally.changes++;
    if (!policy_is_open(context_policy(s->context)))
        more(&s->tally.outbound, how_many(all & ~may));
    more(&s->tally.duplicate, how_many(may & ~missing));
    more(&s->tally.limit, how_many(missing & ~fits) + s->context->over);
}

static void judge(struct sender *s, const struct sending *call, struct insertion *ins)
{
    char address[PEER_TEXT_MAX];
    struct buf storage = buf_over(address, sizeof address);
    struct target to = { 0 };
    bool matters = !policy_is_open(context_policy(s->context)) || log_wants(LOG_DEBUG);
    bool known = matters && find_target(s, call, ins->kind == INSERT_LINES, &to, &storage);
    struct selection chosen = process_select(s->context, known ? &to : NULL);
    bool first = ins->kind == INSERT_MERGE || !s->own_baggage; /* look at its members */
    member_set may = selection_members(&chosen), missing = may;
    if (s->own_baggage)
        missing &= ~s->own.present;
    member_set fits = policy_fit(context_policy(s->context), &chosen.what, &s->context->list,
                                 missing, s->own.members, s->own.bytes);
    ins->of = s->context;
    ins->what = chosen.what;
    insertion_only(ins, fits);
    if (first && (fits != members_of(&s->context->list) || s->context->over))
        tally_members(s, may, missing, fits);
    if (ins->kind == INSERT_LINES) {
        if (s->own_baggage)
            insertion_only(ins, MEMBERS_NONE);
        ins->traceparent = chosen.trace && !s->own_trace;
        ins->tracestate = ins->traceparent && s->context->tracestate.len > 0;
        ins->forward = chosen.forward ? lines_to_forward(s) : 0;
    }
    if (!insertion_members(ins) && !ins->traceparent && !ins->forward) {
        if (first)
            s->skip = (uint8_t)why_nothing(s->context, &chosen, missing);
        ins->kind = INSERT_NOTHING;
    }
    ins->again = s->put;
    s->put |= ins->kind != INSERT_NOTHING;
    if (log_wants(LOG_DEBUG) && (ins->kind == INSERT_MERGE || !s->own_baggage))
        tell(s, known ? &to : NULL, chosen, ins);
}

static bool cares(const struct sender *s)
{
    return s->context && !s->left_alone;
}

/* The end of a line of the program's own. Only its first baggage line is made longer, and not one
 * that goes on folded. */
static void at_field_end(struct sender *s, const struct http_piece *p, const struct sending *call,
                         struct insertion *ins)
{
    if (p->field == HTTP_TRACEPARENT || p->field == HTTP_TRACESTATE)
        s->own_trace = true;
    else if (p->field != HTTP_BAGGAGE)
        s->own_forward |= 1u << p->field;
    if (p->field != HTTP_BAGGAGE || !cares(s))
        return;
    own_keys_end(&s->own, &s->context->list);
    if (!s->own_baggage && !p->folded) {
        s->own_baggage = true;
        *ins = (struct insertion){ .kind = INSERT_MERGE,
                                   .comma = p->last && p->last != ',',
                                   .behind = p->last == ',' };
        judge(s, call, ins);
    }
}

static void at_line(struct sender *s, const struct http_piece *p, const struct sending *call)
{
    s->requests++;
    s->methods = s->methods << 2 | p->method;
    s->context = call->now;
    s->left_alone = call->left_alone;
    s->own_baggage = s->own_trace = s->put = false;
    s->in_head = !call->left_alone;
    s->own_forward = 0;
    s->absolute = p->absolute;
    http_request_watch(&s->http, sender_watch(s->context));
    if (cares(s))
        own_keys_begin(&s->own, &s->context->list);
}

static void end_head(struct sender *s, enum sender_skip why)
{
    if (s->in_head && !s->put)
        sender_skipped(s, why);
    s->in_head = false;
    s->context = NULL;
}

static void at_event(struct sender *s, const struct http_piece *p, const struct sending *call,
                     struct insertion *ins)
{
    switch (p->event) {
    case HTTP_LINE:
        at_line(s, p, call);
        break;
    case HTTP_VALUE:
        if (p->field == HTTP_BAGGAGE && cares(s))
            own_keys_feed(&s->own, &s->context->list, p->value);
        break;
    case HTTP_FIELD_END:
        at_field_end(s, p, call, ins);
        break;
    case HTTP_HEAD_END:
        if (cares(s)) {
            *ins = (struct insertion){ .kind = INSERT_LINES, .bare_lf = p->bare_lf };
            judge(s, call, ins);
        }
        end_head(s, s->context ? (enum sender_skip)s->skip : SKIP_NOTHING);
        break;
    case HTTP_DONE: /* CONNECT has no other end of its head */
        if (s->in_head)
            end_head(s, SKIP_TUNNEL);
        break;
    case HTTP_OPAQUE:
        end_head(s, SKIP_OPAQUE);
        break;
    default:
        break;
    }
}

/* --- the walk --------------------------------------------------------------------------------- */

/* Feeds at most `limit` bytes, and stops where something is to be inserted. */
static size_t scan(struct sender *s, struct source from, size_t limit, const struct sending *call,
                   struct insertion *ins)
{
    struct first_line_desk *const desk = call->desk;
    struct http_piece piece;
    size_t done = 0;
    ins->kind = INSERT_NOTHING;
    if (desk && s->line.len == 0 && http_request_phase(&s->http) == HTTP_IN_HEAD)
        first_line_miss(&s->line);
    while (done < limit && from.count) {
        struct span in = source_span(&from, limit - done);
        size_t used = http_request_next(&s->http, in, &piece);
        if (desk)
            first_line_feed(&s->line, desk, span_make(in.at, used), piece.event);
        done += used;
        source_advance(&from, used);
        if (piece.event == HTTP_OPAQUE) {
            at_event(s, &piece, call, ins);
            return limit;
        }
        if (piece.event != HTTP_MORE)
            at_event(s, &piece, call, ins);
        if (ins->kind != INSERT_NOTHING)
            break;
    }
    return done;
}

/* The program's bytes are at hand no longer. */
static void settle(struct sender *s, const struct sending *call)
{
    if (call->desk)
        first_line_settle(&s->line, call->desk, http_request_phase(&s->http) == HTTP_IN_HEAD);
}

/* --- calls ------------------------------------------------------------------------------------ */

static void plan(const struct sender *s, struct source from, const struct sending *call,
                 struct chunk *out)
{
    size_t len = source_len(&from);
    out->after = *s;
    if (call->desk)
        first_line_plan(&out->after.line);
    out->before = 0;
    out->ins = s->ins;
    if (s->ins.kind == INSERT_NOTHING)
        out->before = scan(&out->after, from, len, call, &out->ins);
    out->ours = out->ins.kind == INSERT_NOTHING ? 0 : insertion_len(&out->ins) - out->ins.sent;
    out->tail = 0;
    out->after.ins.kind = INSERT_NOTHING;
    if (out->ours) {
        struct insertion next;
        source_advance(&from, out->before);
        out->tail = scan(&out->after, from, len - out->before, call, &next);
        out->after.ins = next;
    }
    settle(&out->after, call);
    out->requests = out->after.requests;
    out->methods = out->after.methods;
    out->opaque = sender_is_opaque(&out->after);
}

void sender_plan(const struct sender *s, struct source from, const struct sending *call,
                 struct chunk *out)
{
    out->whole = sender_plan_whole(s, &from, call, out);
    if (!out->whole)
        plan(s, from, call, out);
}

size_t chunk_own(const struct chunk *c, size_t taken)
{
    if (taken <= c->before)
        return taken;
    return taken < c->before + c->ours ? c->before : taken - c->ours;
}

static size_t commit_part(struct sender *s, struct source from, const struct sending *call,
                          const struct chunk *c, size_t taken)
{
    struct insertion again;
    if (taken <= c->before && c->before) {
        scan(s, from, taken, call, &again);
        return taken;
    }
    if (s->ins.kind == INSERT_NOTHING) /* the byte behind it makes the framer see the place */
        scan(s, from, c->before + 1, call, &again);
    s->ins = c->ins;
    if (taken < c->before + c->ours) {
        s->ins.sent += (uint32_t)(taken - c->before);
        return c->before;
    }
    s->ins.kind = INSERT_NOTHING;
    source_advance(&from, c->before);
    scan(s, from, taken - c->before - c->ours, call, &again);
    return taken - c->ours;
}

size_t sender_commit(struct sender *s, struct source from, const struct sending *call,
                     const struct chunk *c, size_t taken)
{
    if (taken == c->before + c->ours + c->tail) {
        if (c->whole)
            sender_take_whole(s, call, c);
        else
            *s = c->after;
        return c->before + c->tail;
    }
    size_t own = commit_part(s, from, call, c, taken);
    settle(s, call);
    return own;
}
