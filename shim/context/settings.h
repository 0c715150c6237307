/* Settings that an agent hands over (base/pages.h): taken over by whoever makes the first request
 * after they came, between two requests, as a whole or not at all. */
#ifndef BELLHOP_CONTEXT_SETTINGS_H
#define BELLHOP_CONTEXT_SETTINGS_H

#include "base/overlay.h"
#include "policy/template.h"

struct token_verifier;

/* From now on they are taken over, for the program that is told of: that and what it points to stay
 * as they are. False: no memory. Called once, in the constructor. */
bool settings_follow(const struct surroundings *program);

/* What looks at tokens, if it is there; else settings that need it are refused. */
void settings_verify_by(const struct token_verifier *v);

/* The rest of settings_renew. */
void settings_renew_now(uint64_t orders);

/* By this number of the operator's word all that came before was dealt with. */
extern _Atomic(uint64_t) settings_seen;

/* What came stays for later, as long as this is set: in a vfork child, whose memory is its
 * parent's. */
extern _Thread_local bool settings_stay;

/* Else some may have to be tried again. */
static inline bool settings_are_seen(uint64_t orders)
{
    return orders == atomic_load_explicit(&settings_seen, memory_order_relaxed);
}

/* Takes over what came before the operator's word had the number `orders` (overlay_generation), if
 * anything did. Async-signal-safe: no system call, no lock. */
static inline void settings_renew(uint64_t orders)
{
    if (__builtin_expect(orders != 0, 0) && !settings_are_seen(orders) && !settings_stay)
        settings_renew_now(orders);
}

/* What became of those that came last. */
enum settings_state settings_state(void);

/* Looks at them again. */
void settings_forget(void);

/* Tells an agent's page, which is new, what is in force. */
void settings_tell(void);

#endif
