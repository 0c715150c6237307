#include "context/bill.h"

#include "base/hot.h"
#include "context/process.h"

HOT atomic_bool bill_keys;

void bill_policy(const struct policy *p)
{
    atomic_store_explicit(&bill_keys, policy_attributes(p) > 0, memory_order_relaxed);
}

static attribution_ticket begin(const struct baggage *list, struct span key, enum attributed of)
{
    int at = baggage_find(list, key);
    return at < 0 ? 0 : attribute(key, member_value(&list->member[at]), of);
}

void bill_begin(struct bill *b, const struct context *c, enum attributed of)
{
    const struct policy *p = c ? context_policy(c) : NULL;
    size_t keys = policy_attributes(p);
    for (size_t i = 0; i < LIMIT_ATTRIBUTE_BY; i++) {
        attribution_ticket t = c && i < keys ? begin(&c->list, policy_attribute(p, i), of) : 0;
        atomic_store_explicit(&b->ticket[i], t, memory_order_relaxed);
    }
}

void bill_take(struct bill *b, const struct bill *from)
{
    for (size_t i = 0; i < LIMIT_ATTRIBUTE_BY; i++)
        atomic_store_explicit(&b->ticket[i],
                              atomic_load_explicit(&from->ticket[i], memory_order_relaxed),
                              memory_order_relaxed);
}

void bill_add(struct bill *b, enum attributed of, uint64_t bytes)
{
    for (size_t i = 0; i < LIMIT_ATTRIBUTE_BY; i++)
        attribute_bytes(atomic_load_explicit(&b->ticket[i], memory_order_relaxed), of, bytes);
}

void bill_pass(struct bill *b, enum attributed of, uint64_t bytes, bool boundary, bool begun)
{
    if (begun)
        bytes += atomic_exchange_explicit(&b->early, 0, memory_order_relaxed);
    if (boundary && !begun)
        atomic_fetch_add_explicit(&b->early, bytes, memory_order_relaxed);
    else
        bill_add(b, of, bytes);
}
