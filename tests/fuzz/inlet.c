/* An inbound connection: received and sent bytes in any order and any pieces. Whatever they are,
 * what a request carries are printable bytes within the limits, and all that was taken is given
 * back. */
#include <stdint.h>
#include <stdlib.h>

#include "base/blocks.h"
#include "carrier/inlet_state.h"

static const struct whose_world world = {
    .request_is_alive = request_is_alive,
    .request_inlet = request_inlet,
    .request_reader = request_reader,
    .inlet_is_open = inlet_is_open,
};

static void hold(bool what)
{
    if (!what)
        abort();
}

static void look(uint64_t inlet)
{
    struct inlet *s = pool_enter(&inlets, inlet);
    struct whose who = { .request = inlet_front(s), .confidence = CONFIDENCE_LIVE };
    struct context *c = process_context(who);
    pool_leave(&inlets, s);
    hold(c && c->value.len <= LIMIT_LIST && c->list.count <= LIMIT_MEMBERS);
    for (size_t i = 0; i < c->value.len; i++)
        hold(c->value.at[i] > 0x20 && c->value.at[i] < 0x7f);
    context_release(c);
}

/* The bytes of one call, at the end of what was allocated. */
static void pass(uint64_t inlet, const uint8_t *data, size_t len, unsigned way)
{
    char *copy = malloc(len ? len : 1);
    const struct iovec iov[2] = { { .iov_base = copy }, { .iov_base = copy, .iov_len = len } };
    for (size_t i = 0; i < len; i++)
        copy[i] = (char)data[i];
    switch (way & 3) {
    case 0:
    case 1:
        inlet_received(inlet, way & 4 ? NULL : iov, 2, len);
        break;
    case 2:
        inlet_sent(inlet, way & 4 ? NULL : iov, 2, len);
        break;
    default:
        if (way & 4)
            inlet_unheard(inlet);
        else if (way & 8)
            inlet_ended(inlet);
        else
            inlet_idle(inlet);
    }
    free(copy);
}

/* Small blocks and requests that are left to be taken. */
static unsigned left(void)
{
    void *before = NULL, *block;
    uint64_t names[1024];
    unsigned count = 0, requests = 0;
    for (; (block = block_take(sizeof block)); before = block, count++)
        *(void **)block = before;
    for (; before; before = block) {
        block = *(void **)before;
        block_give(before);
    }
    while (requests < 1024 && (names[requests] = request_begin(0, NULL, NULL)))
        requests++;
    for (unsigned i = 0; i < requests; i++)
        request_end(names[i]);
    return count + requests;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned all, runs;
    if (!all) {
        whose_start(&world);
        hold(process_start(
            &(struct process_start){ .propagate_baggage = true, .propagate_trace = true }));
        all = left();
    }
    uint64_t inlet = inlet_open(0);
    hold(inlet != 0);
    while (size >= 2) {
        size_t len = data[1] < 128 ? data[1] : (size_t)(data[1] - 127) * 64;
        len = len < size - 2 ? len : size - 2;
        if (len)
            pass(inlet, data + 2, len, data[0]);
        look(inlet);
        data += 2 + len;
        size -= 2 + len;
    }
    inlet_drop(inlet);
    hold(++runs % 256 || left() == all);
    return 0;
}
