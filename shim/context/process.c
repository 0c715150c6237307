#include "context/process.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/blocks.h"
#include "base/buf.h"
#include "base/hot.h"
#include "context/request.h"
#include "context/snapshot.h"
#include "context/trace.h"

HOT atomic_bool process_carries;
HOT atomic_bool process_serves;

#define FORWARDS_MAX 32 /* lines of one request */

/* Written once by process_start. */
static HOT struct {
    const struct policy *policy;
    bool baggage, trace;
    uint32_t forwarded;
    enum confidence least;
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
} thread;

static _Thread_local struct worker worker;

static pthread_once_t thread_end_once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end_key;
static bool thread_end_usable;

/* Most processes carry nothing of their own. */
static struct context empty = { .refs = 1, .immortal = true };

/* What a request brings in. */
struct brought {
    const struct baggage *list;
    member_set left_out;
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
        { .list = b->list ? b->list : &none, .left_out = b->left_out },
        { .list = process.environment ? &process.environment->list : &none },
        { .list = policy_default(process.policy) },
    };
    return context_build(layers, sizeof layers / sizeof *layers, &b->trailing);
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
    process.baggage = start->propagate_baggage;
    process.trace = start->propagate_trace;
    process.inherited.baggage = copy_of(start->baggage);
    process.inherited.traceparent = copy_of(start->traceparent);
    process.watch = policy_watch(start->policy);
    process.forwarded = policy_forwarded(start->policy);
    process.least = policy_confidence(start->policy, start->exe);
    member_set members = MEMBERS_NONE; /* without any, not even the page is touched */
    if (start->baggage.len) {
        baggage_init(&came);
        baggage_parse(&came, start->baggage);
        members = members_of(&came);
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

const struct http_watch *process_watch(void)
{
    return process.watch;
}

uint32_t process_forwarded(void)
{
    return process.forwarded;
}

/* --- contexts of requests --------------------------------------------------------------------- */

/* All fields of a request, sorted by what they are. */
struct fields {
    struct baggage baggage;
    struct forwarded forward[FORWARDS_MAX];
    uint32_t forwards;
    struct span traceparent, tracestate;
    uint32_t traceparents, tracestates; /* lines */
};

static void sort_field(struct fields *f, unsigned field, struct span value)
{
    if (field == HTTP_BAGGAGE) {
        baggage_parse(&f->baggage, value);
    } else if (field == HTTP_TRACEPARENT) {
        f->traceparent = span_trim(value);
        f->traceparents++;
    } else if (field == HTTP_TRACESTATE) {
        f->tracestate = span_trim(value);
        f->tracestates++;
    } else if ((process.forwarded >> field & 1) && f->forwards < FORWARDS_MAX) {
        f->forward[f->forwards++] = (struct forwarded){ .field = field, .value = span_trim(value) };
    }
}

static void sort_fields(struct fields *f, const struct capture *from)
{
    unsigned field;
    struct span value;
    baggage_init(&f->baggage);
    f->forwards = f->traceparents = f->tracestates = 0;
    for (uint32_t at = 0; capture_next(from, &at, &field, &value);)
        sort_field(f, field, value);
}

/* Several lines of tracestate are one list (STANDARD H27). The memory is the caller's to give back.
 */
static char *join_tracestate(struct fields *f, const struct capture *from)
{
    unsigned field;
    struct span value;
    char *joined = block_take(LIMIT_TRACESTATE + 1);
    struct buf b = buf_over(joined, joined ? LIMIT_TRACESTATE + 1 : 0);
    for (uint32_t at = 0; capture_next(from, &at, &field, &value);) {
        if (field != HTTP_TRACESTATE || !span_trim(value).len)
            continue;
        if (b.len)
            buf_putc(&b, ',');
        buf_put(&b, span_trim(value));
    }
    f->tracestate = b.cut ? (struct span){ 0 } : buf_span(&b);
    return joined;
}

static void bring_trailing(struct trailing *t, const struct fields *f)
{
    if (f->traceparents == 1 && traceparent_valid(f->traceparent)) {
        t->traceparent = f->traceparent;
        t->tracestate = f->tracestates ? f->tracestate : (struct span){ 0 };
    }
    t->forward = f->forward;
    t->forwards = f->forwards;
}

static struct context *make(const struct bellhop_baggage *attached, const struct capture *from,
                            enum confidence confidence)
{
    struct fields *f = block_take(sizeof *f); /* the stack may be small */
    struct brought b = nothing();
    char *joined = NULL;
    if (!f)
        return NULL;
    sort_fields(f, from);
    if (f->tracestates > 1)
        joined = join_tracestate(f, from);
    b.list = &f->baggage;
    b.left_out = ~policy_released(process.policy, process.least, confidence, &f->baggage);
    if (confidence >= process.least)
        bring_trailing(&b.trailing, f);
    struct context *c = compose(attached, &b);
    block_give(joined);
    block_give(f);
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

struct context *process_context(struct whose who)
{
    struct context *c = NULL;
    if (!atomic_load_explicit(&process_carries, memory_order_acquire))
        return NULL;
    if (who.request && (who.confidence >= process.least || process.policy)) {
        if (thread.layer)
            c = mixed(who);
        else
            c = request_context(who.request, who.confidence, make_plain);
    }
    return c ? c : context_hold(thread.context ? thread.context : process.own);
}

struct context *process_current(void)
{
    return process_context(whose_now(&worker));
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
    struct selection s = { .rule = RULE_NONE_SET };
    if (!c)
        return s;
    struct verdict v = { .members = members_of(&c->list), .rule = RULE_NONE_SET };
    if (to)
        v = policy_outbound(process.policy, to, &c->list);
    else if (!policy_is_open(process.policy))
        v = (struct verdict){ .members = MEMBERS_NONE, .rule = RULE_NO_MATCH };
    s.rule = v.rule;
    s.members = process.baggage ? v.members : MEMBERS_NONE;
    s.trace = process.trace && c->traceparent.len > 0;
    s.forward = c->forwards && (v.rule == RULE_NONE_SET || v.rule >= 0);
    return s;
}

struct selection process_hand_over(const struct context *c)
{
    return (struct selection){
        .members = process.baggage ? members_of(&c->list) : MEMBERS_NONE,
        .trace = process.trace && c->traceparent.len > 0,
        .rule = RULE_NONE_SET,
    };
}

const struct inherited *process_inherited(void)
{
    return &process.inherited;
}

const struct policy *process_policy(void)
{
    return process.policy;
}
