/* The receiving side of connections, by commands on standard input: new, in HEX, out HEX (bytes
 * that were received, sent), in - N, out - N (unseen ones), show (what the first unanswered request
 * carries), end, room (how much of everything is left to be taken), many (the thread waits for many
 * connections), other HEX (another thread sends; prints what follows), sure (whether the thread can
 * be live). */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blocks.h"
#include "carrier/inlet_state.h"
#include "tool.h"

static const struct whose_world world = {
    .request_is_alive = request_is_alive,
    .request_inlet = request_inlet,
    .request_reader = request_reader,
    .inlet_is_open = inlet_is_open,
};

typedef void passing(uint64_t name, const struct iovec *iov, size_t count, size_t bytes);

/* The bytes stand at the very end of what was allocated, for sanitizers. */
static void pass(uint64_t inlet, const char *hex, passing *way)
{
    size_t len = strlen(hex) / 2;
    char *bytes = malloc(len ? len : 1);
    const struct iovec iov[2] = { { .iov_base = bytes }, { .iov_base = bytes, .iov_len = len } };
    for (size_t i = 0; i < len; i++) {
        const char digits[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
        bytes[i] = (char)strtol(digits, NULL, 16);
    }
    if (hex[0] == '-')
        way(inlet, NULL, 0, strtoul(hex + 1, NULL, 10));
    else if (len)
        way(inlet, iov, 2, len);
    free(bytes);
}

static void show(uint64_t inlet)
{
    struct inlet *s = pool_enter(&inlets, inlet);
    struct whose who = { .request = inlet_front(s), .confidence = CONFIDENCE_LIVE };
    struct context *c = process_context(who);
    pool_leave(&inlets, s);
    if (!who.request)
        puts("none");
    else
        printf("%.*s|%.*s|%.*s\n", (int)c->value.len, c->value.at, (int)c->traceparent.len,
               c->traceparent.at, (int)c->tracestate.len, c->tracestate.at);
    context_release(c);
}

static unsigned blocks_left(size_t bytes)
{
    void *before = NULL, *block;
    unsigned count = 0;
    for (; (block = block_take(bytes)); before = block, count++)
        *(void **)block = before;
    for (; before; before = block) {
        block = *(void **)before;
        block_give(before);
    }
    return count;
}

static unsigned names_left(uint64_t (*take)(void), void (*give)(uint64_t))
{
    static uint64_t names[4096];
    unsigned count = 0;
    while (count < 4096 && (names[count] = take()))
        count++;
    for (unsigned i = 0; i < count; i++)
        give(names[i]);
    return count;
}

static uint64_t take_inlet(void)
{
    return inlet_open(0);
}

static uint64_t take_request(void)
{
    return request_begin(0, NULL, NULL);
}

static void room(void)
{
    printf("%u %u ", blocks_left(sizeof(void *)), blocks_left(30000));
    printf("%u %u\n", names_left(take_inlet, inlet_drop), names_left(take_request, request_end));
}

struct elsewhere {
    uint64_t inlet;
    const char *hex;
};

static void *answer_there(void *arg)
{
    const struct elsewhere *e = arg;
    pass(e->inlet, e->hex, inlet_sent);
    puts(whose_is_never_live(process_worker()) ? "never" : "live");
    return NULL;
}

/* Another thread answers. */
static void elsewhere(uint64_t inlet, const char *hex)
{
    struct elsewhere e = { inlet, hex };
    pthread_t thread;
    fflush(stdout);
    if (pthread_create(&thread, NULL, answer_there, &e) == 0)
        pthread_join(thread, NULL);
}

static void command(uint64_t *inlet, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    if (strcmp(line, "new") == 0)
        *inlet = inlet_open(0);
    else if (strncmp(line, "in ", 3) == 0)
        pass(*inlet, line + 3, inlet_received);
    else if (strncmp(line, "out ", 4) == 0)
        pass(*inlet, line + 4, inlet_sent);
    else if (strcmp(line, "show") == 0)
        show(*inlet);
    else if (strcmp(line, "end") == 0)
        inlet_drop(*inlet);
    else if (strcmp(line, "room") == 0)
        room();
    else if (strcmp(line, "many") == 0)
        whose_waits(process_worker(), WAIT_MANY, 0);
    else if (strncmp(line, "other ", 6) == 0)
        elsewhere(*inlet, line + 6);
    else if (strcmp(line, "sure") == 0)
        puts(whose_is_never_live(process_worker()) ? "never" : "live");
}

int tool_inlet(int argc, char **argv)
{
    static char line[1 << 18];
    uint64_t inlet = 0;
    (void)argv;
    whose_start(&world);
    if (argc > 1 || !process_start(&(struct process_start){ .propagate_baggage = true,
                                                            .propagate_trace = true }))
        return 2;
    while (fgets(line, sizeof line, stdin))
        command(&inlet, line);
    return 0;
}
