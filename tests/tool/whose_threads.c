/* Programs in which a thread stays with what it read: a thread a connection, pools, children. */
#include <string.h>

#include "whose_sim.h"
#include "whose_programs.h"

struct style style;
static struct outlet *shelf[16]; /* connections that are kept for the next call */
static unsigned shelved;

void style_draw(void)
{
    style = (struct style){ .polls = once_in(2),
                            .refuses = once_in(2),
                            .keeps = once_in(2),
                            .spares = once_in(12),
                            .watches = once_in(3),
                            .helpers = once_in(3),
                            .races = once_in(3),
                            .after = once_in(3),
                            .uncounted = once_in(3),
                            .background = once_in(3),
                            .forks = once_in(6) };
    shelved = 0;
    manners = (struct manners){ .connections = 1 + below(6),
                                .requests = 1 + below(5),
                                .pipelines = once_in(2),
                                .aborts = once_in(3),
                                .bodies = once_in(2) };
}

struct outlet *outlet_get(void)
{
    let_others();
    if (shelved)
        return shelf[--shelved];
    struct outlet *o = net_outlet(!style.uncounted);
    if (o)
        net_connect(o);
    if (o && style.spares && shelved < 16 && once_in(4)) { /* what came first, and one more */
        shelf[shelved++] = o;
        o = net_outlet(!style.uncounted);
        if (o)
            net_connect(o);
    }
    return o;
}

void outlet_put(struct outlet *o)
{
    let_others();
    if (style.keeps && shelved < 16 && o->outstanding == 0)
        shelf[shelved++] = o;
    else
        net_drop(o);
}

static void hear_out(struct outlet *o, struct conn *c)
{
    do {
        if (style.watches && c && c->open && once_in(2))
            net_poll(c, has_answer, o);
        else if (style.polls)
            net_sleep(has_answer, o);
    } while (!net_hear(o));
}

void call(const struct request *r, struct conn *watched)
{
    struct outlet *o = outlet_get();
    if (!o)
        return;
    net_send(o, r);
    hear_out(o, watched);
    outlet_put(o);
}

/* Two connects, of which one is used; then several calls at once. */
static void call_race(const struct request *r)
{
    struct outlet *a = net_outlet(true), *b = net_outlet(true), *c = outlet_get();
    if (a)
        net_connect(a);
    if (b)
        net_connect(b);
    if (a)
        net_drop(a);
    if (b)
        net_send(b, r);
    if (c)
        net_send(c, r);
    if (b)
        hear_out(b, NULL);
    if (b)
        net_drop(b);
    if (c)
        hear_out(c, NULL);
    if (c)
        outlet_put(c);
}

static void helper(void *request)
{
    for (unsigned n = 1 + below(2); n; n--)
        call(request, NULL);
    if (style.after)
        call(NULL, NULL); /* it has become the program's own */
}

/* A thread that a request makes, and that works for it. */
static void make_helper(struct request *r)
{
    struct worker *w = worker_new();
    whose_makes(me(), w);
    trace("makes", "t", worker_number(w), 0);
    spawn(helper, r, w);
}

void handle(struct request *r)
{
    for (unsigned n = below(3); n; n--) {
        if (style.helpers && once_in(4))
            make_helper(r);
        else if (style.races && once_in(3))
            call_race(r);
        else
            call(r, r->conn);
    }
}

bool read_more(struct conn *c)
{
    enum net got;
    if (style.polls && once_in(2))
        net_poll(c, never, NULL);
    while ((got = net_read(c, !style.refuses)) == NET_AGAIN)
        net_poll(c, never, NULL);
    return got == NET_DATA;
}

bool is_front(void *request)
{
    struct request *r = request;
    return !r->alive || r->conn->front == r;
}

/* We go on as the child that the request starts. */
static void become_child(struct request *r)
{
    tasks_end_others();
    for (unsigned n = 1 + below(3); n; n--)
        call(r, NULL);
    net_sleep(never, NULL);
}

/* One request, from its head to its answer; false: the connection is closed. */
bool serve_one(struct conn *c)
{
    struct request *r;
    bool early = once_in(4);
    while (!(r = net_take(c)))
        if (!read_more(c))
            goto closed;
    while (r->body && !early)
        if (!read_more(c))
            goto closed;
    handle(r);
    if (style.forks && once_in(20))
        become_child(r);
    if (once_in(30))
        goto closed;
    net_begin(r);
    if (once_in(3))
        handle(r);
    net_finish(r);
    if (style.after && once_in(3))
        call(r, NULL);
    return true;
closed:
    net_close(c);
    return false;
}

void serve(void *conn)
{
    while (serve_one(conn))
        ;
}

/* Never reads: its work is for nobody. */
void background(void *unused)
{
    (void)unused;
    for (;;) {
        call(NULL, NULL);
        net_sleep(has_pending, NULL);
    }
}

static void make_background(void)
{
    if (style.background)
        spawn(background, NULL, worker_new());
}

/* --- a thread a connection -------------------------------------------------------------------- */

static void thread_acceptor(void *unused)
{
    (void)unused;
    for (;;) {
        if (style.polls)
            net_poll_listener();
        struct conn *c = net_accept(true);
        if (!c)
            continue;
        struct worker *w = worker_new();
        whose_makes(me(), w);
        trace("makes", "t", worker_number(w), 0);
        if (!spawn(serve, c, w))
            net_close(c);
    }
}

void start_threads(void)
{
    style_draw();
    make_background();
    spawn(thread_acceptor, NULL, worker_new());
}

/* --- a thread that serves the connections that it accepts by turns ------------------------------
 */

static void by_turns(void *unused)
{
    struct conn *c[4] = { 0 };
    (void)unused;
    for (;;)
        for (unsigned i = 0; i < 4; i++)
            if (!c[i] || !serve_one(c[i]))
                c[i] = net_accept(!c[i] && once_in(2));
}

void start_turns(void)
{
    style_draw();
    make_background();
    for (unsigned n = 1 + below(3); n; n--)
        spawn(by_turns, NULL, worker_new());
}

/* --- workers that accept (prefork has one) ---------------------------------------------------- */

static void accepting_worker(void *unused)
{
    (void)unused;
    for (;;) {
        struct conn *c = NULL;
        if (style.polls)
            net_poll_listener();
        if ((c = net_accept(!style.polls)))
            serve(c);
    }
}

void start_prefork(void)
{
    style_draw();
    style.helpers = style.background = false;
    spawn(accepting_worker, NULL, worker_new());
}

void start_accepting_pool(void)
{
    style_draw();
    make_background();
    for (unsigned n = 2 + below(3); n; n--)
        spawn(accepting_worker, NULL, worker_new());
}

/* --- a child a connection --------------------------------------------------------------------- */

static void forking_acceptor(void *unused)
{
    (void)unused;
    for (;;) {
        struct conn *c = net_accept(true);
        if (!c)
            continue;
        if (style.watches && read_more(c) && once_in(2))
            call(c->front, c); /* for it, if its head is complete */
        if (!once_in(3)) {
            net_close(c); /* we are the parent */
            continue;
        }
        tasks_end_others();
        serve(c);
        net_sleep(never, NULL);
    }
}

void start_forking(void)
{
    style_draw();
    make_background();
    spawn(forking_acceptor, NULL, worker_new());
}

/* --- CGI: the process is one request's -------------------------------------------------------- */

static struct request whole = { .name = 2, .alive = true };

static void cgi_main(void *unused)
{
    (void)unused;
    for (;;) {
        if (once_in(4))
            make_helper(&whole);
        call(&whole, NULL);
    }
}

void start_cgi(void)
{
    style_draw();
    manners.connections = 0;
    style.after = false;
    whose_whole(whole.name);
    trace("whole", "r", whole.name, 0);
    spawn(cgi_main, NULL, worker_new());
}
