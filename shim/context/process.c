#include "context/process.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/hot.h"
#include "context/snapshot.h"

HOT atomic_bool process_carries;

/* Written once by process_start. */
static HOT struct {
    const struct policy *policy;
    bool baggage, trace;
    struct bellhop_baggage *environment; /* NULL: none */
    struct context *own;                 /* sources without any thread's; held for ever */
} process;

/* What the calling thread attached, and the context that it makes with the process's sources. */
static _Thread_local struct {
    struct bellhop_baggage *layer;
    struct context *context; /* NULL: the process's own applies */
} thread;

static pthread_once_t thread_end_once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end_key;
static bool thread_end_usable;

/* Most processes carry nothing of their own. */
static struct context empty = { .refs = 1, .immortal = true };

static struct context *compose(const struct bellhop_baggage *attached, struct span traceparent,
                               struct span tracestate)
{
    static const struct baggage none;
    struct layer layers[] = {
        { .list = policy_set(process.policy) },
        { .list = attached ? &attached->list : &none,
          .removed = attached ? attached->removed : MEMBERS_NONE,
          .alone = attached && attached->alone },
        { .list = process.environment ? &process.environment->list : &none },
        { .list = policy_default(process.policy) },
    };
    return context_build(layers, sizeof layers / sizeof *layers, traceparent, tracestate);
}

bool process_start(const struct process_start *start)
{
    static struct baggage came; /* once, and too large for some stacks */
    process.policy = start->policy;
    process.baggage = start->propagate_baggage;
    process.trace = start->propagate_trace;
    baggage_init(&came);
    baggage_parse(&came, start->baggage);
    if (came.count && !(process.environment = snapshot_of(&came, members_of(&came))))
        return false;
    process.own = &empty;
    if (came.count || start->policy || start->traceparent.len)
        process.own = compose(NULL, start->traceparent, start->tracestate);
    if (!process.own)
        return false;
    process.own->immortal = true;
    atomic_store_explicit(&process_carries, process.baggage || process.trace, memory_order_release);
    return true;
}

struct context *process_current(void)
{
    if (!atomic_load_explicit(&process_carries, memory_order_acquire))
        return NULL;
    return context_hold(thread.context ? thread.context : process.own);
}

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
        made = compose(layer, process.own->traceparent, process.own->tracestate);
        pthread_once(&thread_end_once, thread_end_make);
        if (!made || !thread_end_usable || pthread_setspecific(thread_end_key, &thread) != 0) {
            context_release(made);
            return -ENOMEM;
        }
    }
    struct context *replaced = thread.context;
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
    return s;
}

const struct policy *process_policy(void)
{
    return process.policy;
}
