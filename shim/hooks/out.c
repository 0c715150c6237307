#include "hooks/out.h"

#include <errno.h>

#include "base/hot.h"
#include "base/pool.h"
#include "hooks/fds.h"
#include "hooks/vfork.h"

#define PIECES  10   /* vectors of one offer, */
#define OURS    6    /* of which so many are ours: small, for small stacks */
#define SCRATCH 8192 /* a head, what is ours, and some of what follows */
#define HEADS   6144 /* a longer head is offered by itself first */

struct scratch {
    struct pool_head head;
    char at[SCRATCH];
};

static struct scratch first[32];
static HOT struct pool scratches = { POOL_OVER(first, struct scratch) };

/* At most `limit` bytes of the program's, as at most `max` vectors. */
static size_t own_pieces(struct source from, size_t limit, struct iovec *out, size_t max)
{
    size_t used = 0;
    source_advance(&from, 0); /* empty vectors take no room */
    for (; used < max && limit && from.count; used++) {
        char *at = (char *)from.iov[0].iov_base + from.skip;
        size_t len = from.iov[0].iov_len - from.skip;
        len = len < limit ? len : limit;
        out[used] = (struct iovec){ .iov_base = at, .iov_len = len };
        limit -= len;
        source_advance(&from, len);
    }
    return used;
}

static size_t pieces_len(const struct iovec *iov, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += iov[i].iov_len;
    return len;
}

/* The offer as vectors: the program's bytes, ours, the program's again; as many as there is room
 * for. */
static size_t gather(const struct stream_call *call, struct iovec *out, size_t max)
{
    const struct chunk *c = &call->chunk;
    struct span ours[OURS];
    struct source behind = call->left;
    size_t used = own_pieces(call->left, c->before, out, max);
    if (pieces_len(out, used) < c->before || !c->ours)
        return used;
    size_t count = insertion_spans(&c->ins, ours, max - used < OURS ? max - used : OURS), len = 0;
    for (size_t i = 0; i < count; i++) {
        out[used++] =
            (struct iovec){ .iov_base = (void *)(uintptr_t)ours[i].at, .iov_len = ours[i].len };
        len += ours[i].len;
    }
    if (len < c->ours)
        return used;
    source_advance(&behind, c->before);
    return used + own_pieces(behind, c->tail, out + used, max - used);
}

/* The same in one piece of memory. */
static size_t assemble(const struct iovec *iov, size_t count, char *out)
{
    size_t len = 0;
    for (size_t i = 0; i < count && len < SCRATCH; i++) {
        size_t part = iov[i].iov_len < SCRATCH - len ? iov[i].iov_len : SCRATCH - len;
        memcpy(out + len, iov[i].iov_base, part);
        len += part;
    }
    return len;
}

static ssize_t offer_in_one_piece(struct out *o, const struct iovec *iov, size_t count,
                                  size_t *offered)
{
    uint64_t name = 0;
    struct scratch *s = NULL;
    if (count > 1 && iov[0].iov_len <= HEADS)
        s = pool_take(&scratches, &name);
    struct iovec whole = iov[0];
    if (s)
        whole = (struct iovec){ .iov_base = s->at, .iov_len = assemble(iov, count, s->at) };
    *offered = whole.iov_len;
    ssize_t n = o->emit(o, &whole, 1);
    if (s)
        pool_return(&scratches, s);
    return n;
}

/* A whole request and what goes into it, for a call that takes one piece. */
static bool is_short(const struct out *o, const struct chunk *c)
{
    return o->one_piece && c->whole && c->ours &&
           c->before + c->ours + c->tail <= sizeof c->one.room;
}

static ssize_t offer_short(struct out *o, struct stream_call *call, size_t *offered)
{
    struct chunk *c = &call->chunk;
    const char *own = call->left.iov[0].iov_base;
    char *room = c->one.room;
    memcpy(room, own, c->before);
    memcpy(room + c->before, c->ins.of->lines.at, c->ours);
    memcpy(room + c->before + c->ours, own + c->before, c->tail);
    *offered = c->before + c->ours + c->tail;
    const struct iovec iov = { .iov_base = room, .iov_len = *offered };
    return o->emit(o, &iov, 1);
}

/* Any offer; apart, so that its vectors take room on the stack only where they are needed. */
static __attribute__((noinline)) ssize_t offer_pieces(struct out *o, const struct stream_call *call,
                                                      size_t *offered)
{
    struct iovec iov[PIECES];
    size_t count = gather(call, iov, PIECES);
    if (o->one_piece)
        return offer_in_one_piece(o, iov, count, offered);
    *offered = pieces_len(iov, count);
    return o->emit(o, iov, count);
}

static ssize_t offer(struct out *o, struct stream_call *call, size_t *offered)
{
    const struct source *left = &call->left;
    if (!call->chunk.ours && left->skip == 0 && (!o->one_piece || left->count == 1)) {
        *offered = source_len(left);
        return o->emit(o, left->iov, left->count);
    }
    if (is_short(o, &call->chunk))
        return offer_short(o, call, offered);
    return offer_pieces(o, call, offered);
}

/* The stream is none of ours any more: the rest as it is. */
static ssize_t pass(struct out *o, const struct source *left)
{
    struct iovec iov[PIECES];
    if (left->skip == 0)
        return o->emit(o, left->iov, left->count);
    return o->emit(o, iov, own_pieces(*left, SIZE_MAX, iov, o->one_piece ? 1 : PIECES));
}

/* Sends until everything went, or less than offered did. Returns what the last call did. */
static ssize_t run(struct out *o, struct stream_call *call, size_t *done)
{
    for (;;) {
        size_t offered;
        if (stream_plan(call) == STREAM_PASS) {
            ssize_t n = pass(o, &call->left);
            *done += n > 0 ? (size_t)n : 0;
            return n;
        }
        ssize_t n = offer(o, call, &offered);
        int error = errno;
        *done += stream_commit(call, n > 0 ? (size_t)n : 0);
        errno = error;
        if (n <= 0 || !call->left.count || ((size_t)n < offered && *done))
            return n;
    }
}

/* Answers go as they are. */
static ssize_t send_plain(struct out *o, fd_entry entry, const struct iovec *iov, size_t count)
{
    ssize_t n = o->emit(o, iov, count);
    int saved = errno;
    if (n > 0 && !hooks_vforked)
        fds_passed_out(entry, iov, count, (size_t)n);
    errno = saved;
    return n;
}

ssize_t out_send(struct out *o, fd_entry entry, const struct iovec *iov, size_t count)
{
    struct stream_call call;
    int saved = errno;
    size_t done = 0;
    const struct source all = { .iov = iov, .count = count };
    if (hooks_vforked || source_len(&all) == 0)
        return o->emit(o, iov, count);
    if (fd_kind(entry) != FD_OUTLET)
        entry = fds_turned(o->fd, entry, o->is_socket);
    if (fd_kind(entry) != FD_OUTLET)
        return send_plain(o, entry, iov, count);
    stream_begin(&call, entry, iov, count);
    ssize_t n = run(o, &call, &done);
    stream_end(&call);
    if (call.opaque)
        fds_leave(o->fd, entry);
    if (done == 0)
        return n;
    if (n < 0)
        errno = saved;
    return (ssize_t)done;
}
