/* Programs that hand connections, requests or answers from thread to thread. */
#include <string.h>

#include "whose_programs.h"

static struct fifo queue, back;
static struct set set;

bool fifo_holds(void *fifo)
{
    return ((struct fifo *)fifo)->count > 0;
}

void fifo_put(struct fifo *f, void *item)
{
    if (f->count < FIFO_ROOM)
        f->item[(f->first + f->count++) % FIFO_ROOM] = item;
}

void *fifo_get(struct fifo *f)
{
    if (!f->count)
        return NULL;
    void *item = f->item[f->first];
    f->first = (f->first + 1) % FIFO_ROOM;
    f->count--;
    return item;
}

static void begin(void)
{
    memset(&queue, 0, sizeof queue);
    memset(&back, 0, sizeof back);
    memset(&set, 0, sizeof set);
    set.listening = true;
    style_draw();
    if (style.background)
        spawn(background, NULL, worker_new());
}

/* --- a dispatcher waits, workers read --------------------------------------------------------- */

static bool completes; /* the dispatcher sends the rest of an answer */

static void take_back(void)
{
    for (struct conn *c; (c = fifo_get(&back));) {
        if (completes && c->front && c->front->begun)
            net_finish(c->front);
        if (c->taken)
            fifo_put(&queue, c);
        else
            set_add(&set, c);
    }
}

static void dispatcher(void *unused)
{
    (void)unused;
    for (;;) {
        net_wait(&set, fifo_holds, &back);
        struct conn *c = has_pending(NULL) ? net_accept(false) : NULL;
        if (c && once_in(2))
            fifo_put(&queue, c);
        else if (c)
            set_add(&set, c);
        for (unsigned i = set.conns; i--;)
            if (i < set.conns && has_input(c = set.conn[i])) {
                set_remove(&set, c);
                fifo_put(&queue, c);
            }
        take_back();
    }
}

/* The part of serve_one() up to the beginning of the answer. */
static bool begin_one(struct conn *c)
{
    struct request *r;
    while (!(r = net_take(c)))
        if (!read_more(c)) {
            net_close(c);
            return false;
        }
    handle(r);
    net_begin(r);
    return true;
}

static void pool_worker(void *unused)
{
    (void)unused;
    for (;;) {
        until(fifo_holds, &queue);
        struct conn *c = fifo_get(&queue);
        if (!c)
            continue;
        while (completes ? begin_one(c) : serve_one(c)) {
            if (!completes && c->taken && !style.races)
                continue;
            if (completes || c->taken || once_in(2))
                fifo_put(&back, c);
            else
                set_add(&set, c); /* itself */
            break;
        }
        if (style.after && once_in(3))
            call(NULL, NULL);
    }
}

static void start_dispatched(void)
{
    begin();
    spawn(dispatcher, NULL, worker_new());
    for (unsigned n = 1 + below(4); n; n--)
        spawn(pool_worker, NULL, worker_new());
}

void start_pool(void)
{
    completes = false;
    start_dispatched();
}

void start_pool_completing(void)
{
    completes = true;
    start_dispatched();
    style.after = manners.pipelines = false;
}

/* --- the workers take turns to wait for all, and serve what is ready -------------------------- */

static bool waited_for;

static bool nobody_waits(void *unused)
{
    (void)unused;
    return !waited_for;
}

static struct conn *wait_for_all(void)
{
    struct conn *c = NULL;
    waited_for = true;
    while (!c) {
        net_wait(&set, never, NULL);
        c = has_pending(NULL) ? net_accept(false) : NULL;
        for (unsigned i = 0; !c && i < set.conns; i++)
            if (has_input(set.conn[i]))
                c = set.conn[i];
    }
    set_remove(&set, c);
    waited_for = false;
    return c;
}

static void follower(void *unused)
{
    (void)unused;
    for (;;) {
        until(nobody_waits, NULL);
        struct conn *c = waited_for ? NULL : wait_for_all();
        if (c && serve_one(c)) {
            while (c->taken && serve_one(c))
                ;
            if (c->open)
                set_add(&set, c);
        }
        if (style.after && once_in(3))
            call(NULL, NULL);
    }
}

void start_followers(void)
{
    begin();
    waited_for = false;
    for (unsigned n = 2 + below(3); n; n--)
        spawn(follower, NULL, worker_new());
}

/* --- a thread reads, others work and answer --------------------------------------------------- */

static void request_worker(void *unused)
{
    (void)unused;
    for (;;) {
        until(fifo_holds, &queue);
        struct request *r = fifo_get(&queue);
        if (!r)
            continue;
        handle(r);
        until(is_front, r);
        net_finish(r);
        if (style.after && once_in(3))
            call(r, NULL);
    }
}

static void reader(void *unused)
{
    (void)unused;
    for (;;) {
        net_wait(&set, never, NULL);
        struct conn *c = has_pending(NULL) ? net_accept(false) : NULL;
        if (c)
            set_add(&set, c);
        for (unsigned i = set.conns; i--;) {
            if (i >= set.conns || !has_input(c = set.conn[i]))
                continue;
            if (net_read(c, false) == NET_END) {
                set_remove(&set, c);
                net_close(c);
            }
            for (struct request *r; (r = net_take(c));)
                fifo_put(&queue, r);
        }
    }
}

void start_readers(void)
{
    begin();
    spawn(reader, NULL, worker_new());
    for (unsigned n = 1 + below(4); n; n--)
        spawn(request_worker, NULL, worker_new());
}

/* A thread reads a connection, asks somebody about each request, and hands it on. */
static void parallel_reader(void *conn)
{
    struct conn *c = conn;
    while (read_more(c))
        for (struct request *r; (r = net_take(c));) {
            if (style.races)
                call(r, NULL);
            fifo_put(&queue, r);
        }
    net_close(c);
}

static void parallel_acceptor(void *unused)
{
    (void)unused;
    for (;;) {
        struct conn *c = net_accept(true);
        if (c && !spawn(parallel_reader, c, worker_new()))
            net_close(c);
    }
}

void start_parallel(void)
{
    begin();
    spawn(parallel_acceptor, NULL, worker_new());
    for (unsigned n = 1 + below(4); n; n--)
        spawn(request_worker, NULL, worker_new());
}

/* --- stages: reading, working and answering are jobs of one pool ------------------------------ */

static struct fifo unread, unanswered;

static bool any_stage(void *unused)
{
    (void)unused;
    return unread.count || queue.count || unanswered.count;
}

static void read_stage(struct conn *c)
{
    enum net got = net_read(c, false);
    if (got == NET_END) {
        net_close(c);
        return;
    }
    for (struct request *r; (r = net_take(c));)
        fifo_put(&queue, r);
    fifo_put(&back, c);
}

static void stage_worker(void *unused)
{
    (void)unused;
    for (;;) {
        until(any_stage, NULL);
        struct conn *c = once_in(2) ? fifo_get(&unread) : NULL;
        struct request *r = c || once_in(2) ? NULL : fifo_get(&queue);
        if (c)
            read_stage(c);
        else if (r) {
            handle(r);
            fifo_put(&unanswered, r);
        } else if ((r = fifo_get(&unanswered))) {
            until(is_front, r);
            net_finish(r);
        }
    }
}

static void stage_dispatcher(void *unused)
{
    (void)unused;
    for (;;) {
        net_wait(&set, fifo_holds, &back);
        struct conn *c = has_pending(NULL) ? net_accept(false) : NULL;
        if (c)
            set_add(&set, c);
        for (unsigned i = set.conns; i--;)
            if (i < set.conns && has_input(c = set.conn[i])) {
                set_remove(&set, c);
                fifo_put(&unread, c);
            }
        while ((c = fifo_get(&back)))
            set_add(&set, c);
    }
}

void start_staged(void)
{
    begin();
    memset(&unread, 0, sizeof unread);
    memset(&unanswered, 0, sizeof unanswered);
    spawn(stage_dispatcher, NULL, worker_new());
    for (unsigned n = 1 + below(4); n; n--)
        spawn(stage_worker, NULL, worker_new());
}
