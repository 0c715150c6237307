/* Event loops. A callback does what is ready, and never blocks. */
#include <string.h>

#include "whose_programs.h"

enum { JOBS = 96, ACTIONS = 160 };

/* A request that a loop works for. */
struct job {
    struct request *r;
    struct outlet *up; /* being called, or NULL */
    unsigned calls;    /* to be made */
    enum { JOB_FREE, JOB_PUT_OFF, JOB_CONNECTING, JOB_CALLING, JOB_WAITING } state;
    struct loop *loop;
};

struct loop {
    struct set set;
    struct fifo handed;            /* connections that another thread accepted */
    struct outlet *shelf[8], *own; /* kept for the next call; the timer's */
    unsigned shelved;
};

/* How loops are written. */
static struct {
    bool optimistic; /* reads what it accepted before it registers it */
    bool puts_off;   /* connects after all callbacks */
    bool at_once;    /* never puts anything off */
    bool reads_once; /* and not until there is nothing more */
    bool timers, caches, after, unwatches, single_call, accepts_few;
} way;
static struct job jobs[JOBS];
static struct loop loops[4];
static unsigned loop_count;

static void job_go_on(struct job *j);

static bool more(void *loop)
{
    struct loop *l = loop;
    for (struct job *j = jobs; j < jobs + JOBS; j++)
        if (j->loop == l && (j->state == JOB_PUT_OFF || j->state == JOB_CONNECTING ||
                             (j->state == JOB_CALLING && has_answer(j->up))))
            return true;
    return l->handed.count || (way.timers && once_in(4));
}

/* --- jobs ------------------------------------------------------------------------------------- */

static void job_next(struct loop *l, struct conn *c)
{
    struct job *j = jobs;
    struct request *r;
    if (c->data || !(r = net_take(c)))
        return;
    while (j < jobs + JOBS && j->state != JOB_FREE)
        j++;
    if (j == jobs + JOBS)
        return;
    *j = (struct job){
        .r = r, .loop = l, .state = JOB_PUT_OFF, .calls = way.single_call ? 1 : below(3)
    };
    c->data = j;
    if (way.unwatches)
        set_remove(&l->set, c);
    job_go_on(j);
}

static void job_drop(struct job *j)
{
    if (j->up)
        net_drop(j->up);
    j->r->conn->data = NULL;
    j->state = JOB_FREE;
}

/* Once dropped, a job may be another loop's before this one goes on. */
static void job_finish(struct job *j)
{
    struct request *r = j->r;
    struct loop *l = j->loop;
    struct outlet *o;
    net_finish(r);
    job_drop(j);
    if (way.after && once_in(3) && (o = net_outlet(true))) {
        net_connect(o);
        net_send(o, r);
        net_drop(o);
    }
    if (way.unwatches && r->conn->open)
        set_add(&l->set, r->conn);
    job_next(l, r->conn);
}

static void job_send(struct job *j)
{
    net_send(j->up, j->r);
    j->state = JOB_CALLING;
}

static void job_call(struct job *j)
{
    struct loop *l = j->loop;
    if (l->shelved && once_in(2)) {
        j->up = l->shelf[--l->shelved];
        job_send(j);
    } else if ((j->up = net_outlet(true))) {
        net_connect(j->up);
        j->state = JOB_CONNECTING;
        if (once_in(4))
            job_send(j);
    } else
        job_finish(j);
}

static bool is_flying(const struct job *j)
{
    for (struct job *other = jobs; other < jobs + JOBS; other++)
        if (other != j && other->loop == j->loop && other->state == JOB_CALLING)
            return true;
    return false;
}

/* What comes next for it, in the callback that we are in, or later. */
static void job_go_on(struct job *j)
{
    if (!j->calls) {
        job_finish(j);
        return;
    }
    j->calls--;
    if (way.caches && is_flying(j) && once_in(2))
        j->state = JOB_WAITING; /* for the answer that another one asked for */
    else if (way.puts_off || (!way.at_once && once_in(4)))
        j->state = JOB_PUT_OFF;
    else
        job_call(j);
}

static void job_heard(struct job *j)
{
    struct loop *l = j->loop;
    if (!net_hear(j->up))
        return;
    if (l->shelved < 8 && once_in(2))
        l->shelf[l->shelved++] = j->up;
    else
        net_drop(j->up);
    j->up = NULL;
    for (struct job *other = jobs; other < jobs + JOBS; other++)
        if (other->state == JOB_WAITING && other->loop == l)
            job_go_on(other);
    job_go_on(j);
}

static void job_event(struct job *j)
{
    if (j->state == JOB_PUT_OFF)
        job_call(j);
    else if (j->state == JOB_CONNECTING)
        job_send(j);
    else if (j->state == JOB_CALLING && has_answer(j->up))
        job_heard(j);
}

/* --- connections, timers ---------------------------------------------------------------------- */

static bool on_readable(struct loop *l, struct conn *c)
{
    enum net got;
    do {
        got = net_read(c, false);
    } while (got == NET_DATA && !way.reads_once && once_in(2));
    if (got == NET_END) {
        if (c->data)
            job_drop(c->data);
        set_remove(&l->set, c);
        net_close(c);
        return false;
    }
    job_next(l, c);
    return true;
}

static void on_accepted(struct loop *l, struct conn *c)
{
    if (!way.optimistic || on_readable(l, c))
        if (!way.unwatches || !c->data)
            set_add(&l->set, c);
}

static void on_listener(struct loop *l)
{
    struct conn *c;
    do {
        if ((c = net_accept(false)))
            on_accepted(l, c);
    } while (c && !way.accepts_few);
}

static void on_timer(struct loop *l)
{
    if (!l->own && (l->own = net_outlet(true)))
        net_connect(l->own);
    else if (l->own && !l->own->outstanding)
        net_send(l->own, NULL);
    else if (l->own && has_answer(l->own))
        net_hear(l->own);
}

static bool is_mine(const struct job *j, const struct loop *l)
{
    return j->state != JOB_FREE && j->loop == l;
}

/* What the wait found: of what is added later nothing is known before the next one. */
static unsigned readable(const struct loop *l, void **what)
{
    unsigned n = 0;
    for (unsigned i = 0; i < l->set.conns; i++)
        if (has_input(l->set.conn[i]))
            what[n++] = l->set.conn[i];
    return n;
}

/* In any order, as epoll, timers and queues give them. */
static void iterate(struct loop *l, void **what, unsigned conns)
{
    unsigned n = conns;
    for (struct job *j = jobs; j < jobs + JOBS; j++)
        if (is_mine(j, l))
            what[n++] = j;
    for (unsigned first = below(n), i = 0; i < n; i++) {
        unsigned at = (first + i) % n;
        struct conn *c = what[at];
        if (way.timers && once_in(5))
            on_timer(l);
        if (at >= conns && is_mine(what[at], l))
            job_event(what[at]);
        else if (at < conns && c->open && !(way.unwatches && c->data))
            on_readable(l, c);
    }
}

static void run_loop(void *loop)
{
    struct loop *l = loop;
    void *what[ACTIONS];
    for (;;) {
        struct conn *c;
        net_wait(&l->set, more, l);
        unsigned found = readable(l, what);
        if (way.timers && once_in(3))
            on_timer(l);
        if (l->set.listening && has_pending(NULL))
            on_listener(l);
        while ((c = fifo_get(&l->handed)))
            on_accepted(l, c);
        iterate(l, what, found);
    }
}

static void loop_acceptor(void *unused)
{
    (void)unused;
    for (;;) {
        struct conn *c = net_accept(true);
        if (c)
            fifo_put(&loops[below(loop_count)].handed, c);
    }
}

/* --- the programs ----------------------------------------------------------------------------- */

static void begin(unsigned count, bool listening)
{
    memset(jobs, 0, sizeof jobs);
    memset(loops, 0, sizeof loops);
    memset(&way, 0, sizeof way);
    style_draw();
    way.puts_off = once_in(2);
    way.timers = once_in(2);
    way.caches = once_in(3);
    way.after = style.after;
    way.unwatches = once_in(3);
    way.accepts_few = once_in(2);
    loop_count = count;
    for (unsigned i = 0; i < count; i++) {
        loops[i].set.listening = listening;
        spawn(run_loop, &loops[i], worker_new());
    }
}

void start_loop(void)
{
    begin(1 + below(2), true);
}

void start_loop_optimistic(void)
{
    begin(1, true);
    way.optimistic = true;
}

/* An acceptor hands connections to loops. */
void start_loops(void)
{
    begin(1 + below(3), false);
    way.optimistic = once_in(3) && !way.unwatches;
    spawn(loop_acceptor, NULL, worker_new());
}

/* The same, and while a request is worked for its connection is not waited for. */
void start_loops_blind(void)
{
    start_loops();
    way.optimistic = way.unwatches = true;
}

/* The same with one connection at a time. */
void start_loop_small(void)
{
    start_loops();
    manners.connections = 1;
}

/* Loops that tell their set at each wait. */
void start_selects(void)
{
    begin(1 + below(2), true);
    for (unsigned i = 0; i < loop_count; i++)
        loops[i].set.selects = true;
}

void start_selects_small(void)
{
    start_loop_small();
    for (unsigned i = 0; i < loop_count; i++)
        loops[i].set.selects = true;
}

void start_nginx(void)
{
    begin(1, true);
    way.puts_off = way.caches = way.after = way.timers = false;
    way.single_call = way.at_once = way.reads_once = true;
}

void start_haproxy(void)
{
    begin(1, true);
    way.caches = way.after = way.timers = false;
    way.puts_off = way.single_call = way.optimistic = way.reads_once = true;
}
