/* Fibers (virtual threads, coroutines): straight-line code that leaves its thread to others where
 * it would block. A thread of its own waits for their connections. */
#include <string.h>

#include "whose_programs.h"

static struct set polled;
static bool silent; /* they also block without an event, from the start */
static unsigned turns;

static bool always(void *unused)
{
    (void)unused;
    return true;
}

static void block_silently(void)
{
    if ((silent || turns > 60) && once_in(3))
        park(always, NULL);
}

static bool fiber_reads(struct conn *c)
{
    enum net got;
    while ((got = net_read(c, false)) == NET_AGAIN) {
        turns++;
        if (once_in(2))
            set_add(&polled, c);
        park(has_input, c);
        set_remove(&polled, c);
    }
    return got == NET_DATA;
}

static void fiber_call(const struct request *r)
{
    struct outlet *o = outlet_get();
    if (!o)
        return;
    if (!atomic_load(&o->mark.begun) && once_in(2))
        park(always, NULL); /* until it is connected */
    block_silently();
    net_send(o, r);
    do {
        if (!has_answer(o))
            park(has_answer, o);
    } while (!net_hear(o));
    outlet_put(o);
}

static void fiber_serves(void *conn)
{
    struct conn *c = conn;
    for (;;) {
        struct request *r;
        while (!(r = net_take(c)))
            if (!fiber_reads(c)) {
                net_close(c);
                return;
            }
        for (unsigned n = below(4); n; n--) {
            block_silently();
            fiber_call(r);
        }
        block_silently();
        net_begin(r);
        block_silently();
        net_finish(r);
        if (style.after)
            fiber_call(r);
    }
}

static void fiber_accepts(void *unused)
{
    (void)unused;
    for (;;) {
        struct conn *c = net_accept(false);
        if (!c)
            park(has_pending, NULL);
        else if (!spawn(fiber_serves, c, NULL))
            net_close(c);
    }
}

static void thread_accepts(void *unused)
{
    (void)unused;
    for (;;) {
        struct conn *c = net_accept(true);
        if (c && !spawn(fiber_serves, c, NULL))
            net_close(c);
    }
}

static void fiber_background(void *unused)
{
    (void)unused;
    for (;;) {
        block_silently();
        park(has_pending, NULL);
        fiber_call(NULL);
    }
}

static void poller(void *unused)
{
    (void)unused;
    for (;;)
        net_wait(&polled, never, NULL);
}

static void start(void)
{
    memset(&polled, 0, sizeof polled);
    turns = 0;
    style_draw();
    for (unsigned n = 1 + below(3); n; n--)
        carriers_add(worker_new());
    spawn(poller, NULL, worker_new());
    if (once_in(2))
        spawn(thread_accepts, NULL, worker_new());
    else
        spawn(fiber_accepts, NULL, NULL);
    if (style.background)
        spawn(fiber_background, NULL, NULL);
}

void start_fibers(void)
{
    silent = false;
    start();
}

void start_fibers_silent(void)
{
    silent = true;
    start();
}
