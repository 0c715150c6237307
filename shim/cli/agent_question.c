/* PS and GET: what is known of processes. */
#include "cli/agent_fleet.h"
#include "cli/agent_serve.h"

#define ROOM BELLHOP_CONTROL_MESSAGE

/* A counter's number and value. */
struct pair {
    uint32_t number;
    uint64_t value;
} __attribute__((packed));

static void put_counters(struct wire_out *w, const struct process *p)
{
    struct pair pairs[COUNTERS];
    size_t n = 0;
    for (uint32_t i = 0; p->told && i < COUNTERS; i++) {
        uint64_t value = atomic_load_explicit(&p->told->counters.at[i], memory_order_relaxed);
        if (value)
            pairs[n++] = (struct pair){ i, value };
    }
    wire_put(w, BELLHOP_TAG_COUNTERS, span_make((const char *)pairs, n * sizeof *pairs));
}

/* Their lists may be as long as all of the rest. */
static void put_threads(struct wire_out *w, const struct process *p)
{
    for (unsigned i = 0; i < p->threads; i++) {
        const struct thread *t = &p->thread[i];
        uint32_t tid = (uint32_t)t->tid;
        size_t before = w->out.len;
        if (!t->members)
            continue;
        wire_put_two(w, BELLHOP_TAG_THREAD, span_make((const char *)&tid, sizeof tid),
                     span_of(t->members));
        if (w->out.cut) { /* those that fit are told */
            w->out.len = before;
            w->out.cut = false;
            return;
        }
    }
}

/* What it says of itself is not believed further than this. */
static uint32_t rules_of(const struct told_settings *told, uint64_t in_force)
{
    uint64_t wanted = fleet_settings_generation();
    uint32_t state = atomic_load(&told->state);
    if (wanted == 0)
        return in_force ? BELLHOP_RULES_FORMER : BELLHOP_RULES_START;
    if (in_force == wanted)
        return BELLHOP_RULES_CURRENT;
    if (state <= SETTINGS_TAKEN || state >= SETTINGS_STATES ||
        (state < SETTINGS_CROWDED && atomic_load(&told->looked_at) != wanted))
        return BELLHOP_RULES_NEXT;
    return BELLHOP_RULES_FOREIGN + state - SETTINGS_FOREIGN;
}

_Static_assert(BELLHOP_RULES_MEMORY - BELLHOP_RULES_FOREIGN ==
                   SETTINGS_NO_MEMORY - SETTINGS_FOREIGN,
               "they go side by side");

static void put_settings(struct wire_out *w, const struct process *p)
{
    static const struct told_settings nothing;
    const struct told_settings *told = p->told ? &p->told->settings : &nothing;
    uint64_t in_force = atomic_load(&told->in_force);
    wire_put_u32(w, BELLHOP_TAG_RULES, rules_of(told, in_force));
    wire_put_u64(w, BELLHOP_TAG_GENERATION, in_force);
}

static void put_process(struct wire_out *w, const struct process *p)
{
    wire_put_u32(w, BELLHOP_TAG_PID, (uint32_t)p->pid);
    wire_put_u32(w, BELLHOP_TAG_UID, (uint32_t)p->uid);
    wire_put(w, BELLHOP_TAG_EXE, span_of(p->exe));
    wire_put_u64(w, BELLHOP_TAG_AGE, (uint64_t)(loop_now() - p->since));
    wire_put_u32(w, BELLHOP_TAG_OFF, p->off || book_fleet_off());
    wire_put_u32(w, BELLHOP_TAG_ATTACHED, p->orders != NULL);
    put_settings(w, p);
    put_counters(w, p);
    wire_put(w, BELLHOP_TAG_MEMBERS, span_of(p->members));
}

static char storage[ROOM];

struct question {
    struct client *client;
    const struct wire_in *in;
    bool everyone;
    struct recipients target;
    uint32_t count;
    int error;
};

static bool tell(struct process *p, void *arg)
{
    struct question *q = arg;
    if (!q->everyone && !recipients_include(&q->target, p))
        return true;
    if (!may_order(q->client, p)) {
        q->error = BELLHOP_ERROR_DENIED;
        return true;
    }
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_RECORD, q->in->id);
    put_process(&w, p);
    if (q->in->type == BELLHOP_CONTROL_GET)
        wire_put(&w, BELLHOP_TAG_FLEET, span_of(book_fleet()));
    put_threads(&w, p);
    client_say(q->client, wire_end(&w));
    q->count++;
    return !q->client->closing;
}

/* Longer than a field, and than a message, so each piece is a RECORD of its own. */
static void tell_settings(struct question *q)
{
    struct span text = book_settings();
    const size_t piece = 32768;
    for (size_t at = 0; at < text.len; at += piece) {
        struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_RECORD, q->in->id);
        size_t len = text.len - at < piece ? text.len - at : piece;
        wire_put(&w, BELLHOP_TAG_SETTINGS, span_make(text.at + at, len));
        client_say(q->client, wire_end(&w));
    }
}

void serve_question(struct client *c, const struct wire_in *in)
{
    struct question q = { .client = c, .in = in };
    bool has_target = recipients_read(in, &q.target);
    q.everyone = !has_target && in->type == BELLHOP_CONTROL_PS && !in->fields.len;
    if (!q.everyone && !has_target) {
        refuse(c, in, BELLHOP_ERROR_MALFORMED);
        return;
    }
    if (q.target.pid) {
        struct process *p = book_find(q.target.pid);
        if (p)
            tell(p, &q);
        else
            q.error = BELLHOP_ERROR_NO_PROCESS;
    } else {
        book_each(tell, &q);
        q.error = 0; /* others' processes are passed over */
    }
    if (q.error) {
        refuse(c, in, q.error);
        return;
    }
    if (in->type == BELLHOP_CONTROL_GET)
        tell_settings(&q);
    client_end(c, in->id, q.count);
}
