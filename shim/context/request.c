#include "context/request.h"

#include "base/hot.h"
#include "base/pool.h"

struct request {
    struct pool_head head;
    struct capture *fields;
    _Atomic(struct context *) made[CONFIDENCE_LIVE + 1];
    /* Not zeroed: others look at these while it is not known to be alive. */
    _Atomic(uint64_t) inlet;
    _Atomic(const void *) reader;
};

static void emptied(void *object)
{
    struct request *r = object;
    capture_free(r->fields);
    for (size_t i = 0; i <= CONFIDENCE_LIVE; i++)
        context_discard(atomic_load_explicit(&r->made[i], memory_order_relaxed));
}

static struct request first[1024];
static HOT struct pool requests = { POOL_OVER(first, struct request),
                                    .zeroed = offsetof(struct request, inlet), .emptied = emptied };

bool request_reserve(size_t count)
{
    return pool_reserve(&requests, count);
}

uint64_t request_begin(uint64_t inlet, const void *reader, struct capture *fields)
{
    uint64_t name = 0;
    struct request *r = pool_take(&requests, &name);
    if (!r) {
        capture_free(fields);
        return 0;
    }
    /* After the name that it has now: who reads these sees that the one before is dead. */
    atomic_store_explicit(&r->inlet, inlet, memory_order_release);
    atomic_store_explicit(&r->reader, reader, memory_order_release);
    r->fields = fields;
    return name;
}

void request_end(uint64_t name)
{
    if (name)
        pool_drop(&requests, name);
}

void request_keep(uint64_t name)
{
    if (name)
        pool_share(&requests, name);
}

bool request_is_alive(uint64_t name)
{
    return pool_is_alive(&requests, name);
}

/* What is read belongs to the request if that is still alive afterwards. */
uint64_t request_inlet(uint64_t name)
{
    const struct request *r = pool_peek(&requests, name);
    uint64_t inlet = r ? atomic_load_explicit(&r->inlet, memory_order_acquire) : 0;
    return request_is_alive(name) ? inlet : 0;
}

const void *request_reader(uint64_t name)
{
    const struct request *r = pool_peek(&requests, name);
    const void *reader = r ? atomic_load_explicit(&r->reader, memory_order_acquire) : NULL;
    return request_is_alive(name) ? reader : NULL;
}

/* What was made under another regime stays: somebody may be looking at it. */
static struct context *make_once(struct request *r, struct regime *by, enum confidence confidence,
                                 request_maker *make)
{
    struct context *found = atomic_load_explicit(&r->made[confidence], memory_order_acquire);
    struct context *c = context_revive(found, by);
    if (c)
        return c;
    c = make(by, r->fields, confidence);
    if (!c || found)
        return c;
    context_shelve(c);
    if (!atomic_compare_exchange_strong(&r->made[confidence], &found, c))
        context_discard(c);
    return c;
}

struct context *request_context(uint64_t name, struct regime *by, enum confidence confidence,
                                request_maker *make)
{
    struct request *r = pool_enter(&requests, name);
    if (!r)
        return NULL;
    struct context *c = make_once(r, by, confidence, make);
    pool_leave(&requests, r);
    return c;
}

struct context *request_uncached(uint64_t name, struct regime *by, enum confidence confidence,
                                 request_maker *make)
{
    struct request *r = pool_enter(&requests, name);
    if (!r)
        return NULL;
    struct context *c = make(by, r->fields, confidence);
    pool_leave(&requests, r);
    return c;
}
