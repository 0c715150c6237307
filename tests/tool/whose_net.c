/* The connections of a simulated program, and what hooks would tell of its calls. */
#include <string.h>

#include "whose_sim.h"

enum { CONNS = 256, REQUESTS = 2048, OUTLETS = 64, FIRST = 2, HEAD_PART = 100, BODY_PART = 101 };

struct manners manners;
static struct conn conns[CONNS];
static struct request requests[REQUESTS];
static struct outlet outlets[OUTLETS];
static unsigned conn_count, request_count, pending;

static bool net_alive(whose_name r)
{
    return requests[r - FIRST].alive;
}

static whose_name net_inlet(whose_name r)
{
    return requests[r - FIRST].conn->name;
}

static const void *net_reader(whose_name r)
{
    return requests[r - FIRST].reader;
}

static bool net_open(whose_name c)
{
    return conns[c - FIRST].open;
}

void net_clear(void)
{
    static const struct whose_world world = { net_alive, net_inlet, net_reader, net_open };
    memset(conns, 0, sizeof conns);
    memset(requests, 0, sizeof requests);
    memset(outlets, 0, sizeof outlets);
    conn_count = request_count = pending = 0;
    whose_forget();
    whose_start(&world);
}

/* --- outside ---------------------------------------------------------------------------------- */

static void client_sends(struct conn *c, unsigned char part)
{
    c->part[(c->first + c->here++) % sizeof c->part] = part;
}

static void client_step(struct conn *c)
{
    if (c->hung_up || c->here == sizeof c->part)
        return;
    if (manners.aborts && once_in(150))
        c->hung_up = true;
    else if (c->head > 1 && c->head--)
        client_sends(c, HEAD_PART);
    else if (c->head == 1 && c->head--)
        client_sends(c, (unsigned char)c->body);
    else if (c->body && c->body--)
        client_sends(c, BODY_PART);
    else if (!c->unsent)
        c->hung_up = !c->waiting;
    else if (c->pipelines || !c->waiting) {
        c->unsent--;
        c->waiting++;
        c->head = 1 + below(2);
        c->body = manners.bodies && once_in(2) ? below(3) : 0;
    }
}

/* What is sent of answers is cut anywhere. */
static void server_step(struct outlet *o)
{
    const unsigned room = sizeof o->ends / sizeof *o->ends;
    for (unsigned n = 1 + below(4); n && o->coming && o->here < room; n--) {
        bool end = o->whole || once_in(2);
        o->ends[(o->first + o->here++) % room] = end;
        o->coming -= end;
    }
}

void net_step(void)
{
    unsigned open = 0;
    struct outlet *o = &outlets[below(OUTLETS)];
    for (unsigned i = 0; i < conn_count; i++) {
        open += conns[i].open;
        if (conns[i].open && once_in(2))
            client_step(&conns[i]);
    }
    if (open + pending < manners.connections && conn_count + pending < CONNS && once_in(3))
        pending++;
    for (unsigned i = 0; i < OUTLETS; i++, o = o == outlets ? &outlets[OUTLETS - 1] : o - 1)
        if (o->open && once_in(2))
            server_step(o);
}

bool has_pending(void *unused)
{
    (void)unused;
    return pending > 0;
}

bool has_input(void *conn)
{
    const struct conn *c = conn;
    return c->here || c->hung_up || !c->open;
}

bool has_answer(void *outlet)
{
    const struct outlet *o = outlet;
    return o->here || !o->open;
}

bool never(void *unused)
{
    (void)unused;
    return false;
}

/* --- inbound ---------------------------------------------------------------------------------- */

struct conn *net_accept(bool blocks)
{
    let_others();
    trace("accepts", "", 0, 0);
    whose_accepts(me());
    if (blocks)
        until(has_pending, NULL);
    if (!pending || conn_count == CONNS) {
        trace("finds nobody", "", 0, 0);
        whose_idles(me(), WHOSE_NOBODY);
        return NULL;
    }
    pending--;
    struct conn *c = &conns[conn_count++];
    c->name = conn_count - 1 + FIRST;
    c->open = true;
    c->pipelines = manners.pipelines && once_in(2);
    c->unsent = 1 + below(manners.requests);
    return c;
}

static void head_is_read(struct conn *c, unsigned body)
{
    if (request_count == REQUESTS)
        return;
    struct request *r = &requests[request_count++];
    *r = (struct request){
        .name = request_count - 1 + FIRST, .conn = c, .reader = me(), .body = body, .alive = true
    };
    if (c->last)
        c->last->next = r;
    c->last = r;
    if (!c->front)
        c->front = r;
    if (!c->taken)
        c->taken = r;
    whose_begun(r->name);
}

enum net net_read(struct conn *c, bool blocks)
{
    let_others();
    if (blocks)
        until(has_input, c);
    if (!c->open)
        return NET_END;
    if (!c->here && !c->hung_up) {
        trace("finds nothing on", "c", c->name, 0);
        whose_idles(me(), c->name);
        return NET_AGAIN;
    }
    bool end = !c->here;
    unsigned before = request_count;
    for (unsigned n = c->here ? 1 + below(c->here) : 0; n; n--) {
        unsigned char part = c->part[c->first];
        c->first = (c->first + 1) % sizeof c->part;
        c->here--;
        if (part < HEAD_PART)
            head_is_read(c, part);
        else if (part == BODY_PART && c->last && c->last->body)
            c->last->body--;
    }
    trace("reads", "c", c->name, (uint64_t)before << 32 | request_count);
    whose_reads(me(), c->name, c->front ? c->front->name : 0);
    if (c->front && c->front->next && before != request_count)
        whose_reads_ahead(me());
    return end ? NET_END : NET_DATA;
}

struct request *net_take(struct conn *c)
{
    struct request *r = c->taken;
    if (r)
        c->taken = r->next;
    return r;
}

static void end(struct request *r)
{
    if (!r->alive)
        return;
    r->alive = false;
    r->conn->front = r->next;
    r->conn->waiting--;
    whose_ended(r->name);
}

void net_close(struct conn *c)
{
    let_others();
    if (!c->open)
        return;
    trace("closes", "c", c->name, 0);
    while (c->front)
        end(c->front);
    c->taken = NULL;
    c->open = false;
}

void net_begin(struct request *r)
{
    let_others();
    if (!r->alive || r->begun)
        return;
    r->begun = true;
    trace("answers", "c", r->conn->name, 0);
    whose_answers(me(), r->reader);
}

void net_finish(struct request *r)
{
    net_begin(r);
    let_others();
    if (!r->alive)
        return;
    end(r);
    trace("finishes", "c", r->conn->name, 0);
    whose_answered(me(), r->conn->name, r->conn->front ? r->conn->front->name : 0);
}

/* --- outbound --------------------------------------------------------------------------------- */

struct outlet *net_outlet(bool counted)
{
    struct outlet *o = outlets;
    while (o < outlets + OUTLETS && o->open)
        o++;
    if (o == outlets + OUTLETS)
        return NULL;
    memset(o, 0, sizeof *o);
    o->open = true;
    o->counted = counted;
    return o;
}

static uint64_t index_of(const struct outlet *o)
{
    return (uint64_t)(o - outlets);
}

void net_connect(struct outlet *o)
{
    let_others();
    trace("connects", "x", index_of(o), 0);
    whose_connects(me(), &o->mark);
}

void net_drop(struct outlet *o)
{
    let_others();
    o->open = false;
}

static unsigned counted(const struct outlet *o)
{
    return o->counted ? o->outstanding : WHOSE_UNCOUNTED;
}

void net_send(struct outlet *o, const struct request *truth)
{
    let_others();
    trace("writes", "x", index_of(o), counted(o));
    struct whose got = whose_writes(me(), &o->mark, counted(o));
    o->outstanding++;
    o->coming++;
    judge(got, truth);
}

unsigned net_hear(struct outlet *o)
{
    unsigned writes = atomic_load(&o->mark.writes), answers = 0;
    until(has_answer, o);
    let_others();
    if (!o->here)
        return !o->open;
    unsigned before = counted(o);
    for (unsigned n = 1 + below(o->here); n; n--, o->here--) {
        answers += o->ends[o->first];
        o->first = (o->first + 1) % (sizeof o->ends / sizeof *o->ends);
    }
    trace("hears", "x", index_of(o), before);
    whose_hears(me(), &o->mark, before, writes);
    o->outstanding -= answers;
    return answers;
}

/* --- waiting ---------------------------------------------------------------------------------- */

void set_add(struct set *s, struct conn *c)
{
    let_others();
    if (s->conns == sizeof s->conn / sizeof *s->conn)
        return;
    s->conn[s->conns++] = c;
    if (s->selects)
        return;
    trace("registers", "c", c->name, 0);
    whose_registers(me(), c->name);
}

void set_remove(struct set *s, struct conn *c)
{
    for (unsigned i = 0; i < s->conns; i++)
        if (s->conn[i] == c)
            s->conn[i--] = s->conn[--s->conns];
}

bool set_ready(void *set)
{
    const struct set *s = set;
    for (unsigned i = 0; i < s->conns; i++)
        if (has_input(s->conn[i]))
            return true;
    return s->listening && pending;
}

/* What a wait is for, as one argument. */
struct either {
    task_ready *first, *second;
    void *first_arg, *second_arg;
};

static bool is_either(void *arg)
{
    struct either *e = arg;
    return e->first(e->first_arg) || e->second(e->second_arg);
}

static void wait_for(enum wait_holds holds, whose_name one, struct either e)
{
    static const char *const words[] = { "waits nothing", "waits one", "waits listening",
                                         "waits many" };
    let_others();
    trace(words[holds], holds == WAIT_ONE ? "c" : "", one, 0);
    whose_waits(me(), holds, one);
    until(is_either, &e);
}

void net_wait(struct set *s, task_ready *more, void *arg)
{
    enum wait_holds holds = s->listening ? WAIT_LISTENING : WAIT_NOTHING;
    if (s->conns)
        holds = s->selects && s->conns == 1 && !s->listening ? WAIT_ONE : WAIT_MANY;
    wait_for(holds, holds == WAIT_ONE ? s->conn[0]->name : 0,
             (struct either){ set_ready, more, s, arg });
}

void net_poll(struct conn *c, task_ready *more, void *arg)
{
    wait_for(WAIT_ONE, c->name, (struct either){ has_input, more, c, arg });
}

void net_poll_listener(void)
{
    wait_for(WAIT_LISTENING, 0, (struct either){ has_pending, never, NULL, NULL });
}

void net_sleep(task_ready *more, void *arg)
{
    wait_for(WAIT_NOTHING, 0, (struct either){ more, never, arg, NULL });
}
