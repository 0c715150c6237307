/* Orders: what was set changes, for all that are meant, or not at all. */
#include <stdlib.h>

#include "cli/agent_serve.h"
#include "cli/agent_text.h"

struct order {
    struct client *client;
    const struct wire_in *in;
    struct recipients target;
    bool tries; /* first it is found out whether it can be done, for all; then it is done */
    int error;
    uint32_t count;
};

/* What becomes of this list. False: it cannot be. */
static bool change(const struct order *o, const char *before, char **after)
{
    bool failed = false;
    struct span now = span_of(before);
    switch (o->in->type) {
    case BELLHOP_CONTROL_SET:
        *after = text_merge(wire_find(o->in, BELLHOP_TAG_MEMBERS), now, false, &failed);
        break;
    case BELLHOP_CONTROL_UNSET:
        *after = before ? text_without(now, o->in, &failed) : NULL;
        break;
    default:
        *after = NULL;
    }
    return !failed;
}

static bool order_list(struct order *o, struct process *p, struct thread *t)
{
    char *after;
    if (!change(o, t ? t->members : p->members, &after)) {
        o->error = BELLHOP_ERROR_LIMIT;
        return false;
    }
    if (o->tries)
        free(after);
    else
        book_set(p, t, after);
    return true;
}

static bool order_thread(struct order *o, struct process *p)
{
    int error;
    bool make = o->in->type == BELLHOP_CONTROL_SET;
    struct thread *t = book_thread(p, o->target.tid, make, &error);
    if (!t) {
        o->error = error;
        return error == 0; /* nothing was set for it */
    }
    bool ok = order_list(o, p, t);
    if (o->tries && !t->members)
        t->tid = 0;
    return ok;
}

static void order_threads(struct order *o, struct process *p)
{
    for (unsigned i = 0; i < p->threads; i++)
        if (p->thread[i].members)
            order_list(o, p, &p->thread[i]);
}

static bool order_process(struct process *p, void *arg)
{
    struct order *o = arg;
    if (!recipients_include(&o->target, p))
        return true;
    if (!may_order(o->client, p)) {
        o->error = o->target.pid ? BELLHOP_ERROR_DENIED : o->error;
        return true;
    }
    o->count++;
    int type = o->in->type;
    if (type == BELLHOP_CONTROL_ENABLE || type == BELLHOP_CONTROL_DISABLE) {
        if (!o->tries)
            book_set_off(p, type == BELLHOP_CONTROL_DISABLE);
    } else if (o->target.tid) {
        order_thread(o, p);
    } else if (order_list(o, p, NULL) && (type == BELLHOP_CONTROL_CLEAR || o->target.all)) {
        order_threads(o, p);
    }
    if (!o->tries)
        book_publish(p);
    return true;
}

static void order_processes(struct order *o, bool tries)
{
    o->tries = tries;
    o->count = 0;
    if (o->target.pid) {
        struct process *p = book_find(o->target.pid);
        if (p)
            order_process(p, o);
    } else {
        book_each(order_process, o);
    }
    if (!o->count && !o->error && !o->target.all)
        o->error = BELLHOP_ERROR_NO_PROCESS;
}

static void order_fleet(struct order *o)
{
    int type = o->in->type;
    char *after = NULL;
    if (type == BELLHOP_CONTROL_ENABLE || type == BELLHOP_CONTROL_DISABLE) {
        book_set_fleet_off(type == BELLHOP_CONTROL_DISABLE);
        if (type == BELLHOP_CONTROL_ENABLE)
            order_processes(o, false);
    } else if (!change(o, book_fleet(), &after)) {
        o->error = BELLHOP_ERROR_LIMIT;
        return;
    } else {
        book_set_fleet(after);
        if (type != BELLHOP_CONTROL_SET)
            order_processes(o, false);
    }
    o->count = (uint32_t)book_count();
    book_publish_all();
}

/* MEMBERS in the form in which they are sent, or nothing is done. */
static bool members_are_good(const struct wire_in *in)
{
    struct span members = wire_find(in, BELLHOP_TAG_MEMBERS);
    char *checked = text_checked(members);
    free(checked);
    return checked != NULL;
}

void serve_order(struct client *c, const struct wire_in *in)
{
    struct order o = { .client = c, .in = in };
    if (!recipients_read(in, &o.target) ||
        (in->type == BELLHOP_CONTROL_SET && !members_are_good(in))) {
        refuse(c, in, BELLHOP_ERROR_MALFORMED);
        return;
    }
    if (o.target.all && may_order_fleet(c)) {
        order_fleet(&o);
    } else {
        order_processes(&o, true);
        if (!o.error)
            order_processes(&o, false);
    }
    if (o.error)
        refuse(c, in, o.error);
    else
        client_end(c, in->id, o.count);
}
