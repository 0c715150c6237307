/* More descriptors than the machine may allow: testtool many COUNT. Half of them are connections in
 * the middle of a request that is sent, half of one that is received, in the highest places of the
 * table. Each goes on afterwards. Prints what memory one took. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/blocks.h"
#include "base/fdtable.h"
#include "carrier/inlet_state.h"
#include "carrier/stream.h"
#include "tool.h"

#define HALF  "GET /a HTTP/1.1\r\nHos"
#define OTHER "t: a.test\r\nbaggage: k=1\r\n\r\n"

static const struct whose_world world = {
    .request_is_alive = request_is_alive,
    .request_inlet = request_inlet,
    .request_reader = request_reader,
    .inlet_is_open = inlet_is_open,
};

static void must(bool good, const char *what)
{
    if (good)
        return;
    printf("%s\n", what);
    exit(1);
}

static long resident_kb(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    must(f && fscanf(f, "%*d %ld", &pages) == 1, "statm");
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static struct iovec piece(const char *text)
{
    return (struct iovec){ .iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text) };
}

/* Whether something of ours was put in. */
static bool send_piece(int fd, const char *text)
{
    const struct iovec iov = piece(text);
    struct stream_call call;
    bool ours = false;
    stream_begin(&call, fdtable_get(fd), &iov, 1);
    while (call.left.count && stream_plan(&call) == STREAM_OFFER) {
        ours |= call.chunk.ours > 0;
        stream_commit(&call, call.chunk.before + call.chunk.ours + call.chunk.tail);
    }
    must(!call.left.count, "a stream that is not followed");
    stream_end(&call);
    return ours;
}

static void receive_piece(int fd, const char *text)
{
    const struct iovec iov = piece(text);
    inlet_received(fd_name(fdtable_get(fd)), &iov, 1, iov.iov_len);
}

static bool has_baggage(int fd)
{
    struct inlet *s = pool_enter(&inlets, fd_name(fdtable_get(fd)));
    must(s, "an inlet that is gone");
    struct whose who = { .request = inlet_front(s), .confidence = CONFIDENCE_LIVE };
    struct context *c = process_context(who);
    bool has = c && span_equal(c->value, SPAN("p=1,k=1"));
    pool_leave(&inlets, s);
    context_release(c);
    return has;
}

static void open_all(int first)
{
    for (int fd = first; fd < (int)FD_MAX; fd++) {
        bool out = fd & 1;
        uint64_t name = out ? stream_open(NULL, 0, CARRIER_SOCKET) : inlet_open(0);
        must(name, "no room");
        must(fdtable_swap(fd, fd_entry_of(out ? FD_OUTLET : FD_INLET, name)) == 0, "taken");
        if (out)
            send_piece(fd, HALF);
        else
            receive_piece(fd, HALF);
    }
}

static void go_on(int first)
{
    for (int fd = first; fd < (int)FD_MAX; fd++) {
        if (fd & 1) {
            must(send_piece(fd, OTHER), "nothing was put in");
            stream_drop(fdtable_swap(fd, FD_NOTHING));
        } else {
            receive_piece(fd, OTHER);
            must(has_baggage(fd), "nothing was taken over");
            inlet_drop(fd_name(fdtable_swap(fd, FD_NOTHING)));
        }
    }
}

int tool_many(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    whose_start(&world);
    const struct process_start start = { .propagate_baggage = true, .baggage = SPAN("p=1") };
    if (count == 0 || count > FD_MAX || !process_start(&start))
        return 2;
    fdtable_expect(FD_MAX);
    must(stream_reserve(count) && inlet_reserve(count) && request_reserve(count), "no memory");
    blocks_reserve(count);
    for (int again = 0; again < 2; again++) {
        long before = resident_kb();
        open_all((int)(FD_MAX - count));
        long each = (resident_kb() - before) * 1024 / (long)count;
        if (!again)
            printf("%ld bytes a descriptor\n", each);
        must(each <= 1024 + 64, "too much memory");
        go_on((int)(FD_MAX - count));
    }
    return 0;
}
