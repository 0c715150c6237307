#include "context/settings.h"

#include "base/hot.h"
#include "base/log.h"
#include "context/context.h"
#include "context/process.h"
#include "policy/image.h"

#define TRIES 8     /* each lost one means that others came meanwhile */
#define WAIT  20000 /* looks at what others do; some microseconds longer than they need */

HOT _Atomic(uint64_t) settings_seen;
_Thread_local bool settings_stay;

static struct surroundings here;
static _Atomic(const struct token_verifier *) verifier;
static _Atomic(uint64_t) looked_at; /* a generation that was taken or refused */
static _Atomic(uint32_t) state;     /* enum settings_state */

/* The number of the operator's word for which the thread has waited for others. */
static _Thread_local uint64_t waited;

/* No pointers: each would be relocated at every start. */
static const char words[][80] = {
    [SETTINGS_OWN] = "settings: those of the start",
    [SETTINGS_TAKEN] = "settings: the agent's are in force",
    [SETTINGS_FOREIGN] = "settings: the agent's are for another version of the library",
    [SETTINGS_BROKEN] = "settings: the agent's are broken",
    [SETTINGS_LARGE] = "settings: the agent's are over the limits in this program",
    [SETTINGS_VERIFIER] = "settings: the agent's need a verifier of tokens, which is not loaded",
    [SETTINGS_WITHHELD] = "settings: the agent's hold secrets, and are not for this user",
    [SETTINGS_CROWDED] = "settings: too many former ones are in use; the agent's come later",
    [SETTINGS_NO_MEMORY] = "settings: no memory; the agent's come later",
};

bool settings_follow(const struct surroundings *program)
{
    here = *program;
    process_follows();
    return regimes_reserve();
}

void settings_verify_by(const struct token_verifier *v)
{
    atomic_store(&verifier, v);
}

enum settings_state settings_state(void)
{
    return (enum settings_state)atomic_load(&state);
}

void settings_forget(void)
{
    atomic_store(&looked_at, 0);
    atomic_store(&settings_seen, 0);
}

/* Two may be here: the last one to write looks whether what it wrote is so. */
static void tell(struct told_settings *told)
{
    bool again = true;
    while (again) {
        struct regime *r = regime_take();
        process_told(r);
        if (told)
            atomic_store(&told->in_force, r->generation);
        again = !regime_is_in_force(r);
        regime_drop(r);
    }
    if (!told)
        return;
    atomic_store(&told->state, atomic_load(&state));
    atomic_store(&told->looked_at, atomic_load(&looked_at));
}

void settings_tell(void)
{
    struct attachment *a = attachment_now();
    tell(a ? atomic_load(&a->settings) : NULL);
}

/* --- taking over ------------------------------------------------------------------------------ */

static enum settings_state adopt(struct regime *r, size_t len)
{
    static const unsigned char faults[] = {
        [IMAGE_GOOD] = SETTINGS_TAKEN,        [IMAGE_FOREIGN] = SETTINGS_FOREIGN,
        [IMAGE_BROKEN] = SETTINGS_BROKEN,     [IMAGE_LARGE] = SETTINGS_LARGE,
        [IMAGE_VERIFIER] = SETTINGS_VERIFIER,
    };
    struct attachment *a = attachment_now();
    struct surroundings s = here;
    struct policy *policy = NULL;
    s.pid = a ? atomic_load(&a->pid) : 0;
    enum image_fault fault = policy_adopt(r->room, len, &s, atomic_load(&verifier), &policy);
    if (fault != IMAGE_GOOD)
        return (enum settings_state)faults[fault];
    r->policy = policy;
    return process_fill(r) ? SETTINGS_TAKEN : SETTINGS_NO_MEMORY;
}

/* A copy that nobody else writes to, and what can be made of it. */
static enum settings_state make(struct regime *r, uint64_t *generation)
{
    context_free_own(r->own);
    r->own = NULL;
    r->policy = NULL;
    long len = overlay_settings(r->room, LIMIT_IMAGE, generation);
    r->generation = *generation;
    if (len < 0)
        return SETTINGS_NO_MEMORY;
    return len == 0 ? SETTINGS_WITHHELD : adopt(r, (size_t)len);
}

/* OWN: there was nothing to do, or others did it. */
static enum settings_state take_over(struct regime *before, uint64_t *generation)
{
    struct regime *r = regime_begin();
    if (!r)
        return SETTINGS_CROWDED;
    enum settings_state what = make(r, generation);
    if (what != SETTINGS_TAKEN || *generation == before->generation) {
        regime_abandon(r);
        return what == SETTINGS_TAKEN ? SETTINGS_OWN : what;
    }
    return regime_publish(r, before) ? SETTINGS_TAKEN : SETTINGS_OWN;
}

/* True once somebody has dealt with those that are wanted. */
static bool wait_for_others(uint64_t orders, uint64_t wanted)
{
    if (waited == orders)
        return false;
    waited = orders;
    for (int i = 0; i < WAIT; i++) {
        if (atomic_load_explicit(&looked_at, memory_order_acquire) == wanted)
            return true;
    }
    return false;
}

static void note(enum settings_state what, uint64_t generation)
{
    bool taken = what == SETTINGS_TAKEN, later = what >= SETTINGS_CROWDED;
    uint32_t was = atomic_exchange(&state, what);
    if (!later)
        atomic_store(&looked_at, generation);
    if (!later || was != what) {
        count(taken ? COUNT_settings_swapped : COUNT_settings_refused);
        log_say(taken ? LOG_INFO : LOG_WARN, words[what]);
    }
    settings_tell();
}

void settings_renew_now(uint64_t orders)
{
    for (int i = 0; i < TRIES; i++) {
        enum settings_state what = SETTINGS_OWN;
        uint64_t wanted = overlay_settings_generation(), generation = 0;
        if (wanted == 0 || wanted == atomic_load_explicit(&looked_at, memory_order_acquire)) {
            atomic_store_explicit(&settings_seen, orders, memory_order_relaxed);
            return;
        }
        struct regime *before = regime_take();
        if (before->generation == wanted)
            atomic_store(&looked_at, wanted);
        else
            what = take_over(before, &generation);
        regime_drop(before);
        if (what == SETTINGS_CROWDED && wait_for_others(orders, wanted))
            continue;
        if (what != SETTINGS_OWN)
            note(what, generation);
        if (what >= SETTINGS_CROWDED)
            return;
    }
}
