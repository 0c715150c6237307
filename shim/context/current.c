/* The context that applies to what a thread does: the sources, composed under the regime in force.
 */
#include <errno.h>
#include <pthread.h>

#include "base/blocks.h"
#include "base/overlay.h"
#include "context/fields.h"
#include "context/process.h"
#include "context/request.h"
#include "context/settings.h"
#include "context/sources.h"

/* What the calling thread attached, and the contexts that it makes with the process's sources. */
static _Thread_local struct {
    struct bellhop_baggage *layer;
    struct context *context; /* with no request; NULL: the process's own applies; shelved */
    struct context *mixed;   /* with the request `mixed_for`, shelved; or NULL */
    struct whose mixed_for;
    const struct baggage *operator; /* while a context is made; else NULL */
    uint64_t quiet; /* the last number of the operator's word by which it said nothing here */
} thread;

static pthread_once_t thread_end_once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end_key;
static bool thread_end_usable;

/* What a request brings in. */
struct brought {
    const struct baggage *list, *made; /* what came, and what policy made of other parts */
    member_set left_out, made_left_out;
    struct trailing trailing;
};

static struct context *compose(struct regime *r, const struct bellhop_baggage *attached,
                               const struct brought *b)
{
    static const struct baggage none;
    struct layer layers[] = {
        { .list = policy_set(r->policy) },
        { .list = attached ? &attached->list : &none,
          .removed = attached ? attached->removed : MEMBERS_NONE,
          .alone = attached && attached->alone },
        { .list = b->made ? b->made : &none, .left_out = b->made_left_out },
        { .list = b->list ? b->list : &none, .left_out = b->left_out },
        { .list = thread.operator? thread.operator: & none },
          { .list = process_sources.environment ? &process_sources.environment->list : &none },
          { .list = policy_default(r->policy) }, };
    struct trailing trailing = b->trailing;
    trailing.by = r;
    return context_build(layers, sizeof layers / sizeof *layers, &trailing);
}

/* Nothing of a request. */
static struct brought nothing(void)
{
    return (struct brought){ .trailing.traceparent = process_sources.traceparent,
                             .trailing.tracestate = process_sources.tracestate };
}

/* A signal handler may have interrupted who makes a context with the operator's members. */
struct context *sources_context(struct regime *r)
{
    const struct brought b = nothing();
    const struct baggage *saved = thread.operator;
    thread.operator= NULL;
    struct context *c = compose(r, NULL, &b);
    thread.operator= saved;
    return c;
}

/* --- contexts of requests --------------------------------------------------------------------- */

static struct context *make(struct regime *r, const struct bellhop_baggage *attached,
                            const struct capture *from, enum confidence confidence)
{
    struct brought b = nothing();
    struct fields *f = fields_sort(from, r->policy);
    if (!f)
        return NULL;
    b.list = &f->baggage;
    b.left_out = ~(f->admitted & policy_released(r->policy, r->least, confidence, &f->baggage));
    b.made = &f->made;
    b.made_left_out = ~policy_released(r->policy, r->least, confidence, &f->made);
    if (confidence >= r->least) {
        if (f->traceparent.len) {
            b.trailing.traceparent = f->traceparent;
            b.trailing.tracestate = f->tracestate;
        }
        b.trailing.forward = f->forward;
        b.trailing.forwards = f->forwards;
    }
    struct context *c = compose(r, attached, &b);
    fields_free(f);
    return c;
}

static struct context *make_plain(struct regime *r, const struct capture *fields,
                                  enum confidence confidence)
{
    return make(r, NULL, fields, confidence);
}

static struct context *make_attached(struct regime *r, const struct capture *fields,
                                     enum confidence confidence)
{
    return make(r, thread.layer, fields, confidence);
}

static void forget_mixed(void)
{
    struct context *c = thread.mixed;
    thread.mixed = NULL;
    context_discard(c);
}

/* What the thread attached, over the request that it works for. */
static struct context *mixed(struct regime *r, struct whose who)
{
    struct context *made = NULL;
    if (thread.mixed_for.request == who.request && thread.mixed_for.confidence == who.confidence)
        made = context_revive(thread.mixed, r);
    if (made)
        return made;
    made = request_uncached(who.request, r, who.confidence, make_attached);
    if (made) {
        forget_mixed();
        thread.mixed_for = who;
        context_shelve(made);
        thread.mixed = made;
    }
    return made;
}

/* What it attached, without any request. That which it made under another regime stays: a signal
 * handler may have interrupted who looks at it. */
static struct context *attached(struct regime *r)
{
    if (!thread.context)
        return NULL;
    struct context *c = context_revive(thread.context, r);
    const struct brought b = nothing();
    return c ? c : compose(r, thread.layer, &b);
}

static bool matters(const struct regime *r, struct whose who)
{
    return who.request && (who.confidence >= r->least || r->policy);
}

static struct context *without_operator(struct regime *r, struct whose who)
{
    struct context *c = NULL;
    if (matters(r, who) && thread.layer)
        c = mixed(r, who);
    else if (matters(r, who))
        c = request_context(who.request, r, who.confidence, make_plain);
    if (!c)
        c = attached(r);
    return c ? c : context_hold(r->own);
}

/* What the operator says is read for each request anew, so that the first after a change has it. */
static struct context *with_operator(struct regime *r, struct whose who,
                                     const struct baggage *operator)
{
    struct context *c = NULL;
    thread.operator= operator;
    if (matters(r, who))
        c = request_uncached(who.request, r, who.confidence, make_attached);
    if (!c) {
        const struct brought b = nothing();
        c = compose(r, thread.layer, &b);
    }
    thread.operator= NULL;
    return c;
}

/* What is said is not known, or there is no memory for it: what was had before goes on. */
static struct context *ask_operator(struct regime *r, struct whose who, uint64_t generation)
{
    struct overlay o;
    struct context *c = NULL;
    char *text = block_take(LIMIT_LIST);
    struct baggage *list = block_take(sizeof *list);
    int result = text && list ? overlay_read(text, &o) : -ENOMEM;
    if (result == 0 && !o.off && o.len) {
        baggage_init(list);
        baggage_parse(list, span_make(text, o.len));
        c = with_operator(r, who, list);
    } else if (result == 0 && !o.off && settings_are_seen(generation)) {
        thread.quiet = generation;
    }
    block_give(list);
    block_give(text);
    return c || (result == 0 && o.off) ? c : without_operator(r, who);
}

struct context *process_context(struct whose who)
{
    struct context *c = NULL;
    if (!atomic_load_explicit(&process_carries, memory_order_acquire))
        return NULL;
    uint64_t generation = overlay_generation();
    bool news = __builtin_expect(generation != 0, 0) && generation != thread.quiet;
    if (news)
        settings_renew(generation);
    struct regime *r = regime_take();
    if (!r->off)
        c = news ? ask_operator(r, who, generation) : without_operator(r, who);
    regime_drop(r);
    return c;
}

struct context *process_current(void)
{
    return process_context(whose_now(process_worker()));
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
    context_discard(context);
}

static void thread_end_make(void)
{
    thread_end_usable = pthread_key_create(&thread_end_key, thread_end) == 0;
}

int process_swap_layer(struct bellhop_baggage *layer, struct bellhop_baggage **previous)
{
    struct context *made = NULL;
    struct regime *r = regime_take();
    bool usable = r->own != NULL;
    if (layer && usable) {
        const struct brought b = nothing();
        made = compose(r, layer, &b);
        context_shelve(made);
        context_release(made);
        pthread_once(&thread_end_once, thread_end_make);
        if (!made || !thread_end_usable || pthread_setspecific(thread_end_key, &thread) != 0) {
            context_discard(made);
            regime_drop(r);
            return -ENOMEM;
        }
    }
    regime_drop(r);
    if (!usable)
        return -ENOSYS;
    struct context *replaced = thread.context;
    forget_mixed();
    *previous = thread.layer;
    thread.layer = layer;
    thread.context = made; /* before the other one goes: a signal handler may ask for it here */
    context_discard(replaced);
    return 0;
}
