#include "context/process.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/blocks.h"
#include "base/counters.h"
#include "base/hot.h"
#include "base/overlay.h"
#include "context/bill.h"
#include "context/fields.h"
#include "context/request.h"
#include "context/snapshot.h"

HOT atomic_bool process_carries;
HOT atomic_bool process_serves;
HOT bool process_asks_line;

/* Written once by process_start. */
static HOT struct {
    const struct policy *policy;
    bool baggage, trace;
    uint32_t forwarded;
    enum confidence least;
    bool for_live;
    const struct http_watch *watch;
    struct bellhop_baggage *environment; /* NULL: none */
    struct inherited inherited;
    struct context *own; /* sources without any thread's; held for ever */
} process = { .watch = &http_watch_basic };

/* What the calling thread attached, and the contexts that it makes with the process's sources. */
static _Thread_local struct {
    struct bellhop_baggage *layer;
    struct context *context; /* with no request; NULL: the process's own applies */
    struct context *mixed;   /* with the request `mixed_for`; or NULL */
    struct whose mixed_for;
    const struct baggage *operator; /* while a context is made; else NULL */
    uint64_t quiet; /* the last number of the operator's word by which it said nothing here */
} thread;

static _Thread_local struct worker worker;

static pthread_once_t thread_end_once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end_key;
static bool thread_end_usable;

/* Most processes carry nothing of their own. */
static struct context empty = { .refs = 1, .immortal = true };

/* What a request brings in. */
struct brought {
    const struct baggage *list, *made; /* what came, and what policy made of other parts */
    member_set left_out, made_left_out;
    struct trailing trailing;
};

static struct context *compose(const struct bellhop_baggage *attached, const struct brought *b)
{
    static const struct baggage none;
    struct layer layers[] = {
        { .list = policy_set(process.policy) },
        { .list = attached ? &attached->list : &none,
          .removed = attached ? attached->removed : MEMBERS_NONE,
          .alone = attached && attached->alone },
        { .list = b->made ? b->made : &none, .left_out = b->made_left_out },
        { .list = b->list ? b->list : &none, .left_out = b->left_out },
        { .list = thread.operator? thread.operator: & none },
          { .list = process.environment ? &process.environment->list : &none },
          { .list = policy_default(process.policy) }, };
    struct trailing trailing = b->trailing;
    trailing.policy = process.policy;
    return context_build(layers, sizeof layers / sizeof *layers, &trailing);
}

/* Nothing of a request. */
static struct brought nothing(void)
{
    struct brought b = { 0 };
    if (process.own) {
        b.trailing.traceparent = process.own->traceparent;
        b.trailing.tracestate = process.own->tracestate;
    }
    return b;
}

/* Programs write over their environment to change their title. Nothing: no memory. */
static struct span copy_of(struct span s)
{
    char *copy = s.len ? malloc(s.len) : NULL;
    if (copy)
        memcpy(copy, s.at, s.len);
    return span_make(copy, copy ? s.len : 0);
}

bool process_start(const struct process_start *start)
{
    static struct baggage came; /* once, and too large for some stacks */
    process.policy = start->policy;
    bill_policy(start->policy);
    process.baggage = start->propagate_baggage;
    process.trace = start->propagate_trace;
    process.inherited.baggage = copy_of(start->baggage);
    process.inherited.traceparent = copy_of(start->traceparent);
    process.watch = policy_watch(start->policy);
    process.forwarded = policy_forwarded(start->policy);
    process.least = policy_confidence(start->policy, start->exe);
    process.for_live = !start->observed && policy_is_for_live(start->policy, process.least);
    process_asks_line = policy_asks_line(start->policy);
    member_set members = MEMBERS_NONE; /* without any, not even the page is touched */
    if (start->baggage.len) {
        baggage_init(&came);
        baggage_parse(&came, start->baggage);
        members = members_of(&came);
        fields_count_list(&came);
    }
    if (members && !(process.environment = snapshot_of(&came, members)))
        return false;
    process.own = &empty;
    if (members || start->policy || start->traceparent.len) {
        struct brought b = { 0 };
        b.trailing.traceparent = start->traceparent;
        b.trailing.tracestate = start->tracestate;
        process.own = compose(NULL, &b);
    }
    if (!process.own)
        return false;
    if (start->traceparent.len && !process.own->traceparent.len)
        count(COUNT_parse_trace);
    process.own->immortal = true;
    atomic_store_explicit(&process_carries, process.baggage || process.trace || process.forwarded,
                          memory_order_release);
    return true;
}

struct worker *process_worker(void)
{
    return &worker;
}

enum confidence process_least(void)
{
    return process.least;
}

bool process_is_for_live(void)
{
    return process.for_live;
}

const struct http_watch *process_watch(void)
{
    return process.watch;
}

uint32_t process_forwarded(void)
{
    return process.forwarded;
}

/* --- contexts of requests --------------------------------------------------------------------- */

static struct context *make(const struct bellhop_baggage *attached, const struct capture *from,
                            enum confidence confidence)
{
    struct brought b = nothing();
    struct fields *f = fields_sort(from, process.policy);
    if (!f)
        return NULL;
    b.list = &f->baggage;
    b.left_out =
        ~(f->admitted & policy_released(process.policy, process.least, confidence, &f->baggage));
    b.made = &f->made;
    b.made_left_out = ~policy_released(process.policy, process.least, confidence, &f->made);
    if (confidence >= process.least) {
        if (f->traceparent.len) {
            b.trailing.traceparent = f->traceparent;
            b.trailing.tracestate = f->tracestate;
        }
        b.trailing.forward = f->forward;
        b.trailing.forwards = f->forwards;
    }
    struct context *c = compose(attached, &b);
    fields_free(f);
    return c;
}

static struct context *make_plain(const struct capture *fields, enum confidence confidence)
{
    return make(NULL, fields, confidence);
}

static struct context *make_attached(const struct capture *fields, enum confidence confidence)
{
    return make(thread.layer, fields, confidence);
}

static void forget_mixed(void)
{
    struct context *c = thread.mixed;
    thread.mixed = NULL;
    context_release(c);
}

/* What the thread attached, over the request that it works for. */
static struct context *mixed(struct whose who)
{
    if (thread.mixed && thread.mixed_for.request == who.request &&
        thread.mixed_for.confidence == who.confidence)
        return context_hold(thread.mixed);
    struct context *made = request_uncached(who.request, who.confidence, make_attached);
    if (made) {
        forget_mixed();
        thread.mixed_for = who;
        thread.mixed = context_hold(made);
    }
    return made;
}

static bool matters(struct whose who)
{
    return who.request && (who.confidence >= process.least || process.policy);
}

static struct context *without_operator(struct whose who)
{
    struct context *c = NULL;
    if (matters(who) && thread.layer)
        c = mixed(who);
    else if (matters(who))
        c = request_context(who.request, who.confidence, make_plain);
    return c ? c : context_hold(thread.context ? thread.context : process.own);
}

/* What the operator says is read for each request anew, so that the first after a change has it. */
static struct context *with_operator(struct whose who, const struct baggage *operator)
{
    struct context *c = NULL;
    thread.operator= operator;
    if (matters(who))
        c = request_uncached(who.request, who.confidence, make_attached);
    if (!c) {
        const struct brought b = nothing();
        c = compose(thread.layer, &b);
    }
    thread.operator= NULL;
    return c;
}

/* What is said is not known, or there is no memory for it: what was had before goes on. */
static struct context *ask_operator(struct whose who, uint64_t generation)
{
    struct overlay o;
    struct context *c = NULL;
    char *text = block_take(LIMIT_LIST);
    struct baggage *list = block_take(sizeof *list);
    int result = text && list ? overlay_read(text, &o) : -ENOMEM;
    if (result == 0 && !o.off && o.len) {
        baggage_init(list);
        baggage_parse(list, span_make(text, o.len));
        c = with_operator(who, list);
    } else if (result == 0 && !o.off) {
        thread.quiet = generation;
    }
    block_give(list);
    block_give(text);
    return c || (result == 0 && o.off) ? c : without_operator(who);
}

struct context *process_context(struct whose who)
{
    if (!atomic_load_explicit(&process_carries, memory_order_acquire))
        return NULL;
    uint64_t generation = overlay_generation();
    if (__builtin_expect(generation != 0, 0) && generation != thread.quiet)
        return ask_operator(who, generation);
    return without_operator(who);
}

struct context *process_current(void)
{
    return process_context(whose_now(&worker));
}

void process_keep_request(void)
{
    request_keep(worker.now.request);
}

void process_is_request(struct capture *fields)
{
    whose_whole(request_begin(0, NULL, fields));
}

/* --- what threads attach ---------------------------------------------------------------------- */

struct bellhop_baggage *process_layer(void)
{
    return thread.layer;
}

static void thread_end(void *unused)
{
    (void)unused;
    struct bellhop_baggage *layer = thread.layer;
    struct context *context = thread.context;
    thread.layer = NULL;
    thread.context = NULL;
    forget_mixed();
    snapshot_release(layer);
    context_release(context);
}

static void thread_end_make(void)
{
    thread_end_usable = pthread_key_create(&thread_end_key, thread_end) == 0;
}

int process_swap_layer(struct bellhop_baggage *layer, struct bellhop_baggage **previous)
{
    struct context *made = NULL;
    if (!process.own)
        return -ENOSYS;
    if (layer) {
        const struct brought b = nothing();
        made = compose(layer, &b);
        pthread_once(&thread_end_once, thread_end_make);
        if (!made || !thread_end_usable || pthread_setspecific(thread_end_key, &thread) != 0) {
            context_release(made);
            return -ENOMEM;
        }
    }
    struct context *replaced = thread.context;
    forget_mixed();
    *previous = thread.layer;
    thread.layer = layer;
    thread.context = made; /* before the other one goes: a signal handler may ask for it here */
    context_release(replaced);
    return 0;
}

struct selection process_select(const struct context *c, const struct target *to)
{
    struct selection s = { .what.rule = RULE_NONE_SET };
    if (!c)
        return s;
    s.what = policy_outbound(process.policy, to, &c->list);
    if (!process.baggage)
        s.what.members = s.what.fixed = s.what.hashed = MEMBERS_NONE;
    s.trace = process.trace && !s.what.off && c->traceparent.len > 0;
    s.forward = c->forwards && !s.what.off && s.what.rule != RULE_NO_MATCH;
    return s;
}

struct selection process_hand_over(const struct context *c)
{
    struct selection s = { .what.rule = RULE_NONE_SET };
    if (process.baggage)
        s.what.members = policy_handed_over(process.policy, &c->list);
    s.trace = process.trace && c->traceparent.len > 0;
    return s;
}

bool process_withholds_from_children(void)
{
    const struct baggage *list = process.environment ? &process.environment->list : NULL;
    return list && policy_handed_over(process.policy, list) != members_of(list);
}

const struct inherited *process_inherited(void)
{
    return &process.inherited;
}

const struct policy *process_policy(void)
{
    return process.policy;
}
