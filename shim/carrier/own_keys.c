#include "carrier/own_keys.h"

enum { BEFORE_KEY, IN_KEY, BEHIND_KEY, IN_VALUE };

void own_keys_begin(struct own_keys *o, const struct baggage *ours)
{
    *o = (struct own_keys){ .candidates = members_of(ours) };
}

static void narrow(struct own_keys *o, const struct baggage *ours, char c)
{
    for (member_set left = o->candidates; left; left &= left - 1) {
        const struct member *m = &ours->member[__builtin_ctzll(left)];
        if (m->key_len <= o->pos || m->at[o->pos] != c)
            o->candidates &= ~(left & -left);
    }
    if (o->pos < UINT16_MAX)
        o->pos++;
}

/* The key is complete: candidates of just its length are meant. */
static void settle(struct own_keys *o, const struct baggage *ours)
{
    for (member_set left = o->candidates; left; left &= left - 1)
        if (ours->member[__builtin_ctzll(left)].key_len == o->pos)
            o->present |= left & -left;
    o->candidates = MEMBERS_NONE;
}

static void element_end(struct own_keys *o, const struct baggage *ours)
{
    if (o->state != BEFORE_KEY && o->members < UINT16_MAX)
        o->members++;
    o->candidates = members_of(ours);
    o->pos = 0;
    o->state = BEFORE_KEY;
}

static void step(struct own_keys *o, const struct baggage *ours, char c)
{
    bool blank = c == ' ' || c == '\t';
    if (c == ',') {
        element_end(o, ours);
    } else if (o->state == BEFORE_KEY || o->state == IN_KEY) {
        if (c == '=') {
            settle(o, ours);
            o->state = IN_VALUE;
        } else if (blank) {
            o->state = o->state == IN_KEY ? BEHIND_KEY : BEFORE_KEY;
        } else {
            o->state = IN_KEY;
            narrow(o, ours, c);
        }
    } else if (o->state == BEHIND_KEY && !blank) {
        if (c == '=') /* else it is no member, and replaces none (STANDARD F21) */
            settle(o, ours);
        o->state = IN_VALUE;
    }
}

void own_keys_feed(struct own_keys *o, const struct baggage *ours, struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        step(o, ours, value.at[i]);
    o->bytes = value.len > UINT32_MAX - o->bytes ? UINT32_MAX : o->bytes + (uint32_t)value.len;
}

void own_keys_end(struct own_keys *o, const struct baggage *ours)
{
    element_end(o, ours);
}
