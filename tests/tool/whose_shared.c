/* A thread a connection, and one outbound connection that all share: whoever waits reads for all,
 * or a thread of its own does, and, where the program is made of continuations, goes on with
 * others' work. */
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
static bool led;
static unsigned in_memory; /* answers */
static struct {
    bool continues, passes, reader, leaves;
} kind;

static bool is_done(void *command)
{
    return !((struct command *)command)->answers;
}

static bool may_go_on(void *command)
{
    return is_done(command) || !led;
}

static bool has_enough(const struct command *mine)
{
    return kind.leaves && mine && !mine->answers;
}

/* What was read and is not looked at stays in memory, for the next who comes. */
static void take_answers(const struct command *mine)
{
    if (!in_memory)
        in_memory = net_hear(shared);
    while (in_memory && !has_enough(mine)) {
        struct command *c = fifo_get(&order);
        in_memory--;
        if (--c->answers == 0 && kind.continues && c != mine)
            call(c->for_whom, NULL);
    }
}

/* Reads until its own answer came, or lets another one take its place. */
static void lead(struct command *mine)
{
    led = true;
    do
        take_answers(mine);
    while (!is_done(mine) && !kind.passes);
    led = false;
}

static void read_for_all(void *unused)
{
    (void)unused;
    for (;;)
        take_answers(NULL);
}

static void ask(struct request *r)
{
    if (asked == COMMANDS)
        return;
    struct command *mine = &commands[asked++];
    *mine = (struct command){ r, 1 + below(2) };
    for (unsigned n = mine->answers; n; n--) {
        net_send(shared, r);
        fifo_put(&order, mine);
    }
    while (!is_done(mine)) {
        until(kind.reader ? is_done : may_go_on, mine);
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
    if (kind.reader)
        spawn(read_for_all, NULL, worker_new());
    shared_acceptor(unused);
}

static void start(void)
{
    style_draw();
    led = false;
    asked = in_memory = 0;
    kind.leaves = once_in(2);
    memset(&order, 0, sizeof order);
    shared = net_outlet(once_in(3));
    shared->whole = once_in(3);
    spawn(connecting_acceptor, NULL, worker_new());
}

void start_shared(void)
{
    memset(&kind, 0, sizeof kind);
    start();
    kind.passes = once_in(2);
}

void start_shared_reader(void)
{
    memset(&kind, 0, sizeof kind);
    start();
    kind.reader = true;
}

void start_continuing_reader(void)
{
    start_shared_reader();
    kind.continues = true;
}

void start_continuing(void)
{
    memset(&kind, 0, sizeof kind);
    start();
    kind.continues = true;
}

void start_continuing_passing(void)
{
    start_continuing();
    kind.passes = true;
}
