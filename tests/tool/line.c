/* What first lines say to outbound rules: a stream of requests goes through the sending side whole,
 * and then cut in every way with every part of an offer taken; what goes out must be the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carrier/sender.h"
#include "settings/settings.h"
#include "tool.h"

#define MOST 65536 /* of a stream, and of what goes out */

struct line_run {
    struct sender sender;
    struct first_line_desk desk;
    struct peer peer;
    struct sending how;
    char wire[2 * MOST];
    size_t len;
};

static void begin(struct line_run *r)
{
    memset(r, 0, offsetof(struct line_run, wire));
    r->len = 0;
    r->how = (struct sending){ .peer = &r->peer, .now = process_current(), .desk = &r->desk };
    sender_init(&r->sender, CARRIER_SOCKET);
}

static void end(struct line_run *r)
{
    first_line_drop(&r->desk);
    context_release(r->how.now);
}

static void put(struct line_run *r, const char *at, size_t len)
{
    if (len > sizeof r->wire - r->len)
        abort();
    memcpy(r->wire + r->len, at, len);
    r->len += len;
}

static void put_offer(struct line_run *r, const struct chunk *c, const char *own, size_t taken)
{
    struct span ours[LIMIT_MEMBERS * 2 + 16];
    size_t count = c->ours ? insertion_spans(&c->ins, ours, sizeof ours / sizeof *ours) : 0;
    size_t n = taken < c->before ? taken : c->before;
    put(r, own, n);
    taken -= n;
    for (size_t i = 0; i < count; i++) {
        n = ours[i].len < taken ? ours[i].len : taken;
        put(r, ours[i].at, n);
        taken -= n;
    }
    put(r, own + c->before, taken);
}

/* One offer of these bytes, which stand in memory that is gone afterwards, in vectors of at most
 * `vector` bytes; at most `most` are taken. Returns how many of the stream's were. */
static size_t offer(struct line_run *r, const char *at, size_t len, size_t vector, size_t most)
{
    struct iovec iov[64];
    size_t count = 0, own = 0;
    char *copy = malloc(len);
    struct chunk c;
    memcpy(copy, at, len);
    for (size_t n; own < len && count < 64; own += n) {
        n = count < 63 && vector < len - own ? vector : len - own;
        iov[count++] = (struct iovec){ .iov_base = copy + own, .iov_len = n };
    }
    struct source from = { .iov = iov, .count = count };
    sender_plan(&r->sender, from, &r->how, &c);
    size_t all = c.before + c.ours + c.tail, taken = all < most ? all : most;
    put_offer(r, &c, copy, taken);
    own = taken ? sender_commit(&r->sender, from, &r->how, &c, taken) : 0;
    if (!r->sender.line.kept)
        first_line_drop(&r->desk);
    free(copy);
    return own;
}

static void rest(struct line_run *r, const char *at, size_t len, size_t part, size_t vector)
{
    for (size_t done = 0; done < len;) {
        size_t n = part < len - done ? part : len - done;
        done += offer(r, at + done, n, vector, SIZE_MAX);
    }
}

static void must_be(struct line_run *r, const struct line_run *whole, const char *how, size_t a,
                    size_t b)
{
    if (r->len != whole->len || memcmp(r->wire, whole->wire, r->len) != 0) {
        printf("%s %zu %zu:\n%.*s", how, a, b, (int)r->len, r->wire);
        exit(1);
    }
    end(r);
}

static size_t cut_everywhere(const char *data, size_t len, const struct line_run *whole)
{
    static struct line_run r;
    size_t tries = 0, step = len / 400 + 1; /* long ones not at every byte */
    for (size_t cut = 1; cut <= len; cut += step * step)
        for (size_t taken = 0; taken <= whole->len && taken <= cut + 200; taken += step, tries++) {
            begin(&r);
            size_t own = offer(&r, data, cut, 7, taken);
            if (own < len) /* none of it is taken */
                offer(&r, data + own, len - own, 5, 0);
            rest(&r, data + own, len - own, SIZE_MAX, SIZE_MAX);
            must_be(&r, whole, "cut and taken", cut, taken);
        }
    for (size_t part = 1; part <= len; part += step * step)
        for (size_t vector = 1; vector <= part && vector < 40; vector += 3, tries++) {
            begin(&r);
            rest(&r, data, len, part, vector);
            must_be(&r, whole, "part and vector", part, vector);
        }
    return tries;
}

/* So many streams stop within their first lines at a time; how many of them send something of ours
 * in the end. */
static int crowd(const char *data, size_t len, size_t count)
{
    struct line_run *all = calloc(count, sizeof *all);
    size_t added = 0;
    for (size_t i = 0; all && i < count; i++) {
        begin(&all[i]);
        offer(&all[i], data, 8, SIZE_MAX, SIZE_MAX);
    }
    for (size_t i = 0; all && i < count; i++) {
        rest(&all[i], data + 8, len - 8, SIZE_MAX, SIZE_MAX);
        added += all[i].len > len;
        end(&all[i]);
    }
    printf("%zu of %zu\n", added, count);
    free(all);
    return all ? 0 : 2;
}

int tool_line(int argc, char **argv)
{
    static char data[MOST];
    static struct line_run whole;
    const char *baggage = getenv("BAGGAGE");
    size_t len = fread(data, 1, sizeof data, stdin);
    if (argc < 2) {
        fprintf(stderr, "testtool line SETTINGS [CROWD] <STREAM   what goes out, however cut\n");
        return 2;
    }
    struct process_start start = { .propagate_baggage = true };
    start.policy = bellhop_settings_load(SETTINGS_ABI, argv[1], NULL, NULL);
    start.baggage = span_of(baggage ? baggage : "");
    if (!start.policy || !process_start(&start))
        return 2;
    if (argc > 2)
        return crowd(data, len, strtoul(argv[2], NULL, 10));
    begin(&whole);
    rest(&whole, data, len, SIZE_MAX, SIZE_MAX);
    fwrite(whole.wire, 1, whole.len, stdout);
    end(&whole);
    fprintf(stderr, "%zu ways\n", cut_everywhere(data, len, &whole));
    return 0;
}
