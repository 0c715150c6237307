#include "carrier/session_offer.h"

#include <stdlib.h>

#define BUFFER 16384 /* the largest record: more would not leave in one piece anyway */
#define HEADS  8192  /* a longer head is offered by itself first */

static size_t put_own(char *out, size_t room, struct source from, size_t len)
{
    size_t used = 0;
    while (from.count && used < room && used < len) {
        const char *at = (const char *)from.iov[0].iov_base + from.skip;
        size_t part = from.iov[0].iov_len - from.skip;
        part = part < len - used ? part : len - used;
        part = part < room - used ? part : room - used;
        memcpy(out + used, at, part);
        used += part;
        source_advance(&from, part);
    }
    return used;
}

static size_t put_ours(char *out, size_t room, const struct insertion *ins)
{
    struct insertion left = *ins;
    struct span span;
    size_t used = 0;
    while (used < room && insertion_spans(&left, &span, 1) == 1) {
        if (span.len > room - used)
            span.len = room - used;
        memcpy(out + used, span.at, span.len);
        used += span.len;
        left.sent += (uint32_t)span.len;
    }
    return used;
}

bool offer_keep_copy(struct session *s, const void *data, size_t len)
{
    if (s->copy || !len)
        return true;
    s->copy = malloc(len);
    if (!s->copy)
        return false;
    memcpy(s->copy, data, len);
    s->copy_len = len;
    return true;
}

void offer_take_copy(struct session *s, char *data, size_t len)
{
    if (s->copy) {
        free(data); /* the same again */
        return;
    }
    s->copy = data;
    s->copy_len = len;
}

/* Puts the offer together in memory of ours. False: no memory. */
static bool assemble(struct session *s, const struct session_way *way)
{
    const struct chunk *c = &s->call.chunk;
    struct source from = s->call.left;
    size_t room = way->record && way->record < BUFFER ? way->record : BUFFER;
    if (!s->buffer && !(s->buffer = malloc(BUFFER)))
        return false;
    size_t used = put_own(s->buffer, room, from, c->before);
    if (used == c->before)
        used += put_ours(s->buffer + used, room - used, &c->ins);
    if (used == c->before + c->ours) {
        source_advance(&from, c->before);
        used += put_own(s->buffer + used, room - used, from, c->tail);
    }
    s->flying = used;
    s->assembled = true;
    return true;
}

/* With something of ours in them, the bytes of one record may take several: then they are needed
 * until the last one left. False: no memory. */
static bool may_insert(struct session *s, const struct session_way *way)
{
    return !way->record || s->call.chunk.ins.sent ||
           offer_keep_copy(s, s->program.iov_base, s->program.iov_len);
}

bool offer_prepare(struct session *s, const struct session_way *way)
{
    const struct chunk *c = &s->call.chunk;
    if (stream_plan(&s->call) != STREAM_OFFER)
        return false;
    if (!c->ours) {
        s->flying = source_len(&s->call.left);
        return true;
    }
    bool may = may_insert(s, way);
    if (may && c->before <= HEADS && assemble(s, way))
        return true;
    s->flying = may ? c->before : 0;
    if (s->flying)
        return true;
    stream_commit(&s->call, 0); /* ours should go first, and there is no memory for that */
    stream_give_up(s->stream);
    return false;
}
