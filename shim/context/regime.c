/* Why nobody goes by a regime that is gone: to be made anew, it must have no holders (a
 * compare-and-swap from 0 says so, and sets WORK). While it is in force, that counts as one. Who
 * wants the regime in force adds itself to its holders, and looks whether it still is. If the
 * addition came before the swap, the swap failed. If it came after, it saw what came before the
 * swap, so that another one is in force; the addition is taken back, and did no harm. */
#include "context/regime.h"

#include "base/hot.h"
#include "base/reserve.h"
#include "policy/image.h"

#define WORK 0x40000000u /* somebody makes it */

static struct regime none = { .fixed = true, .watch = &http_watch_basic, .least = CONFIDENCE_LIVE };
static struct regime regimes[REGIMES];
static HOT _Atomic(struct regime *) in_force = &none;
static HOT _Atomic(uint64_t) numbers;

bool regimes_reserve(void)
{
    const size_t each = LIMIT_IMAGE + IMAGE_ROOM;
    char *at = reserve(each * REGIMES);
    for (size_t i = 0; at && i < REGIMES; i++)
        regimes[i].room = at + i * each;
    return at != NULL;
}

void regime_start(struct regime *r)
{
    r->fixed = true;
    r->number = atomic_fetch_add(&numbers, 1) + 1;
    atomic_store_explicit(&in_force, r, memory_order_release);
}

struct regime *regime_take(void)
{
    for (;;) {
        struct regime *r = atomic_load_explicit(&in_force, memory_order_acquire);
        if (r->fixed)
            return r;
        atomic_fetch_add_explicit(&r->holders, 1, memory_order_acq_rel);
        if (__builtin_expect(atomic_load_explicit(&in_force, memory_order_acquire) == r, 1))
            return r;
        regime_drop(r);
    }
}

bool regime_is_in_force(const struct regime *r)
{
    return atomic_load_explicit(&in_force, memory_order_seq_cst) == r;
}

struct regime *regime_begin(void)
{
    for (size_t i = 0; i < REGIMES; i++) {
        unsigned nobody = 0;
        if (!regimes[i].room ||
            !atomic_compare_exchange_strong_explicit(&regimes[i].holders, &nobody, WORK,
                                                     memory_order_acq_rel, memory_order_relaxed))
            continue;
        regimes[i].number = atomic_fetch_add(&numbers, 1) + 1;
        return &regimes[i];
    }
    return NULL;
}

void regime_abandon(struct regime *r)
{
    atomic_fetch_sub_explicit(&r->holders, WORK, memory_order_acq_rel);
}

bool regime_publish(struct regime *r, struct regime *before)
{
    struct regime *expected = before;
    atomic_fetch_sub_explicit(&r->holders, WORK - 1, memory_order_acq_rel);
    if (!atomic_compare_exchange_strong_explicit(&in_force, &expected, r, memory_order_acq_rel,
                                                 memory_order_relaxed)) {
        regime_drop(r);
        return false;
    }
    regime_drop(before); /* it is in force no more */
    return true;
}
