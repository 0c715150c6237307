#include "carrier/claim.h"

#include "carrier/stream_state.h"

#define KNOWN 8

static _Thread_local struct claim claim;

/* Connections that took a claim of this thread's, the newest anywhere. */
static _Thread_local struct {
    uint64_t place, connection;
} known[KNOWN];
static _Thread_local unsigned learned;

void claim_end(struct claim *c)
{
    struct context *lent = c->lent;
    c->pending = false; /* before anything else: a signal handler may ask for the thread's here */
    c->lent = NULL;
    atomic_signal_fence(memory_order_seq_cst);
    context_release(lent);
}

/* The thread's is this one from now on. */
static void make(struct claim next)
{
    claim_end(&claim);
    claim = next;
    atomic_signal_fence(memory_order_seq_cst);
    claim.pending = true;
}

#define FNV_PRIME 0x100000001b3u

static uint64_t mix(uint64_t place, const char *text, int number)
{
    for (; text && *text; text++)
        place = (place ^ (unsigned char)*text) * FNV_PRIME;
    return (place ^ (unsigned)number) * FNV_PRIME;
}

uint64_t claim_place(const char *peer, int peer_port, const char *local, int local_port)
{
    const uint64_t basis = 0xcbf29ce484222325u; /* FNV-1a */
    return local_port > 0 ? mix(mix(basis, peer, peer_port), local, local_port) : 0;
}

void claim_take(struct whose who, uint64_t place)
{
    make((struct claim){ .who = who, .place = place });
}

void claim_leave_alone(void)
{
    make((struct claim){ .unwanted = true });
}

static bool can_put_in(uint64_t connection)
{
    bool mine;
    struct stream *s = pool_enter_side(&streams, connection, SIDE_OUT, &mine);
    if (!s)
        return false;
    bool can = mine && !atomic_load(&s->opaque) && s->sender.ins.kind == INSERT_NOTHING &&
               http_request_phase(&s->sender.http) == HTTP_BETWEEN;
    pool_leave_sided(&streams, s, SIDE_OUT, mine);
    return can;
}

static uint64_t connection_at(uint64_t place)
{
    for (unsigned i = 0; i < KNOWN; i++)
        if (known[i].place == place)
            return known[i].connection;
    return 0;
}

bool claim_lend(uint64_t place, struct whose who, struct context *c)
{
    uint64_t connection = place ? connection_at(place) : 0;
    if (!connection || !can_put_in(connection))
        return false;
    make((struct claim){
        .on = connection,
        .place = place,
        .lent = context_hold(c),
        .who = who,
    });
    return true;
}

void claim_drop(void)
{
    claim_end(&claim);
}

static void learn(uint64_t place, uint64_t connection)
{
    unsigned at = 0;
    while (at < KNOWN && known[at].place != place)
        at++;
    if (at == KNOWN)
        at = learned++ % KNOWN;
    known[at].place = place;
    known[at].connection = connection;
}

void claim_move(struct claim *to, uint64_t connection)
{
    if (!claim.pending || (claim.on && claim.on != connection))
        return;
    const struct claim moved = claim;
    claim.pending = false; /* before anything else: a signal handler may send here */
    claim.lent = NULL;
    atomic_signal_fence(memory_order_seq_cst);
    claim_end(to);
    *to = moved;
}

void claim_used(struct claim *c, uint64_t connection)
{
    if (c->place && !c->lent)
        learn(c->place, connection);
    claim_end(c);
}

struct bill *claim_bill(void)
{
    return &claim.bill;
}
