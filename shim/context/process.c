#include "context/process.h"

#include <stdlib.h>

#include "base/blocks.h"
#include "base/counters.h"
#include "base/hot.h"
#include "context/bill.h"
#include "context/fields.h"
#include "context/request.h"
#include "context/settings.h"
#include "context/snapshot.h"
#include "context/sources.h"
#include "policy/inbound.h"

HOT atomic_bool process_carries;
HOT atomic_bool process_serves;
HOT atomic_bool process_asks_line;
HOT struct sources process_sources;

static _Thread_local struct worker worker;

/* Written once by process_start, but for what is atomic: that is of the regime in force. */
static HOT struct {
    bool baggage, trace;
    _Atomic(enum confidence) least;
    atomic_bool wants_peer;
    bool observed, for_live;
    bool follows;               /* an agent may have other settings */
    struct span exe, arguments; /* of the program */
    struct inherited inherited;
} process;

/* Most processes carry nothing of their own. */
static HOT struct regime first, second;
static const struct context empty = { .is_own = true, .by = &first };

/* Programs write over their environment to change their title. Nothing: no memory. */
static struct span copy_of(struct span s)
{
    char *copy = s.len ? malloc(s.len) : NULL;
    if (copy)
        memcpy(copy, s.at, s.len);
    return span_make(copy, copy ? s.len : 0);
}

static bool carries(const struct regime *r)
{
    return process.baggage || process.trace || r->forwarded || process.follows;
}

bool process_fill(struct regime *r)
{
    r->watch = policy_watch(r->policy);
    r->forwarded = policy_forwarded(r->policy);
    r->least = policy_confidence(r->policy, process.exe);
    r->wants_line = policy_wants_target(r->policy);
    if (policy_asks_line(r->policy)) /* before anybody goes by it */
        atomic_store_explicit(&process_asks_line, true, memory_order_relaxed);
    r->off = !policy_wants_program(r->policy, process.exe, process.arguments, NULL);
    r->own = context_settle(sources_context(r));
    return r->own != NULL;
}

void process_told(const struct regime *r)
{
    atomic_store_explicit(&process.least, r->least, memory_order_relaxed);
    atomic_store_explicit(&process.wants_peer, policy_wants_peer(r->policy), memory_order_relaxed);
    bill_policy(r->policy);
}

static void begin_regime(struct regime *r)
{
    process_told(r);
    process.for_live = !process.observed && policy_is_for_live(r->policy, r->least);
    regime_start(r);
    atomic_store_explicit(&process_carries, carries(r), memory_order_release);
}

static bool take_baggage(struct span value)
{
    struct baggage *came = block_take(sizeof *came); /* too large for some stacks */
    if (!came)
        return false;
    baggage_init(came);
    baggage_parse(came, value);
    member_set members = members_of(came);
    fields_count_list(came);
    if (members)
        process_sources.environment = snapshot_of(came, members);
    block_give(came);
    return !members || process_sources.environment;
}

static bool take_environment(const struct process_start *start)
{
    process.inherited.baggage = copy_of(start->baggage);
    process.inherited.traceparent = copy_of(start->traceparent);
    process_sources.traceparent = process.inherited.traceparent;
    process_sources.tracestate = copy_of(start->tracestate);
    return !start->baggage.len || take_baggage(start->baggage);
}

bool process_start(const struct process_start *start)
{
    process.baggage = start->propagate_baggage;
    process.trace = start->propagate_trace;
    process.exe = start->exe;
    process.arguments = start->arguments;
    if (!take_environment(start))
        return false;
    first.fixed = true;
    first.policy = start->policy;
    if (!process_sources.environment && !start->policy && !start->traceparent.len) {
        first.own = (struct context *)(uintptr_t)&empty;
        first.watch = &http_watch_basic;
        first.least = policy_confidence(NULL, start->exe);
    } else if (!process_fill(&first)) {
        return false;
    }
    if (start->traceparent.len && !first.own->traceparent.len)
        count(COUNT_parse_trace);
    first.off |= start->off;
    process.observed = start->observed;
    begin_regime(&first);
    return true;
}

bool process_settle(const struct policy *policy, bool off)
{
    second = (struct regime){ .fixed = true, .policy = policy };
    if (!process_fill(&second))
        return false;
    second.off |= off;
    begin_regime(&second);
    return true;
}

void process_follows(void)
{
    process.follows = true;
}

struct worker *process_worker(void)
{
    return &worker;
}

enum confidence process_least(void)
{
    return atomic_load_explicit(&process.least, memory_order_relaxed);
}

bool process_is_for_live(void)
{
    return process.for_live;
}

bool process_wants_peer(void)
{
    return process.follows || atomic_load_explicit(&process.wants_peer, memory_order_relaxed);
}

struct regime *process_regime(void)
{
    settings_renew(overlay_generation());
    return regime_take();
}

void process_keep_request(void)
{
    request_keep(worker.now.request);
}

void process_is_request(struct capture *fields)
{
    whose_whole(request_begin(0, NULL, fields));
}

struct selection process_select(const struct context *c, const struct target *to)
{
    struct selection s = { .what.rule = RULE_NONE_SET };
    if (!c)
        return s;
    s.what = policy_outbound(context_policy(c), to, &c->list);
    if (!process.baggage)
        s.what.members = s.what.fixed = s.what.hashed = MEMBERS_NONE;
    s.trace = process.trace && !s.what.off && c->traceparent.len > 0;
    s.forward = c->forwards && !s.what.off && s.what.rule != RULE_NO_MATCH;
    return s;
}

bool process_sends_whole(const struct context *c)
{
    return policy_is_unbound(context_policy(c)) && !c->over && !c->forwards &&
           (process.baggage || !c->list.count) && (process.trace || !c->traceparent.len);
}

struct selection process_hand_over(const struct context *c)
{
    struct selection s = { .what.rule = RULE_NONE_SET };
    if (process.baggage)
        s.what.members = policy_handed_over(context_policy(c), &c->list);
    s.trace = process.trace && c->traceparent.len > 0;
    return s;
}

bool process_withholds_from_children(void)
{
    const struct baggage *list =
        process_sources.environment ? &process_sources.environment->list : NULL;
    struct regime *r = regime_take();
    bool withholds = list && policy_handed_over(r->policy, list) != members_of(list);
    regime_drop(r);
    return withholds;
}

const struct inherited *process_inherited(void)
{
    return &process.inherited;
}
