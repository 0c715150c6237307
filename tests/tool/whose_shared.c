/* A thread a connection, and one outbound connection that all share: whoever waits reads for all,
 * and, where the program is made of continuations, goes on with others' work. */
#include <string.h>

#include "whose_programs.h"

enum { COMMANDS = 256 };

/* What one request asks. */
static struct command {
    struct request *for_whom;
    unsigned answers; /* outstanding */
} commands[COMMANDS];
static unsigned asked;
static struct fifo order; /* of the answers that will come */
static struct outlet *shared;
static bool led, continues, in_parts;

static bool is_done(void *command)
{
    return !((struct command *)command)->answers;
}

static bool may_go_on(void *command)
{
    return is_done(command) || !led;
}

/* Reads until its own answer came. */
static void lead(struct command *mine)
{
    led = true;
    while (!is_done(mine)) {
        until(has_answer, shared);
        if (!net_hear(shared))
            continue;
        struct command *c = fifo_get(&order);
        if (--c->answers == 0 && continues && c != mine)
            call(c->for_whom, NULL);
    }
    led = false;
}

static void ask(struct request *r)
{
    if (asked == COMMANDS)
        return;
    struct command *mine = &commands[asked++];
    *mine = (struct command){ r, in_parts ? 1 + below(2) : 1 };
    for (unsigned n = mine->answers; n; n--) {
        net_send(shared, r);
        fifo_put(&order, mine);
    }
    while (!is_done(mine)) {
        until(may_go_on, mine);
        if (!is_done(mine) && !led)
            lead(mine);
    }
}

static void shared_server(void *conn)
{
    struct conn *c = conn;
    for (;;) {
        struct request *r;
        while (!(r = net_take(c)))
            if (!read_more(c)) {
                net_close(c);
                return;
            }
        handle(r);
        ask(r);
        handle(r);
        net_finish(r);
    }
}

static void shared_acceptor(void *unused)
{
    (void)unused;
    for (;;) {
        struct conn *c = net_accept(true);
        struct worker *w = worker_new();
        whose_makes(me(), w);
        if (c && !spawn(shared_server, c, w))
            net_close(c);
    }
}

static void connecting_acceptor(void *unused)
{
    net_connect(shared);
    shared_acceptor(unused);
}

static void start(bool continuing, bool parts)
{
    style_draw();
    continues = continuing;
    in_parts = parts;
    led = false;
    asked = 0;
    memset(&order, 0, sizeof order);
    shared = net_outlet(once_in(3));
    shared->whole = !parts;
    spawn(connecting_acceptor, NULL, worker_new());
}

void start_shared(void)
{
    start(false, true);
}

void start_continuing(void)
{
    start(true, false);
}

void start_continuing_in_parts(void)
{
    start(true, true);
}
