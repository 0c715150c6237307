/* What is looked for in the heads of an inbound connection, which other settings may change. */
#include "carrier/inlet_state.h"

void inlet_let_regime_go(struct inlet *s)
{
    if (s->by)
        regime_drop(s->by);
    s->by = NULL;
}

void inlet_follow_regime(struct inlet *s)
{
    if (http_request_phase(&s->asks) != HTTP_BETWEEN)
        return;
    struct regime *now = process_regime();
    inlet_let_regime_go(s);
    s->by = now;
    s->keeps_line = now->wants_line;
    http_request_watch(&s->asks, now->watch);
}
