#include "carrier/first_line.h"

#include "base/pool.h"

#define LOST UINT16_MAX

struct first_line_store {
    struct pool_head head;
    char place[2][FIRST_LINE_MAX];
};

/* For heads that are on their way at a time; untouched ones cost nothing. */
static struct first_line_store first[512];
static struct pool stores = { POOL_OVER(first, struct first_line_store) };

static char *text(const struct first_line *l, struct first_line_store *store)
{
    return store->place[l->place];
}

void first_line_drop(struct first_line_desk *d)
{
    if (d->store)
        pool_return(&stores, d->store);
    d->store = NULL;
}

/* From the program's bytes into the store. */
static void keep(struct first_line *l, struct first_line_desk *d)
{
    uint64_t name;
    if (!d->store)
        d->store = pool_take(&stores, &name);
    if (d->store)
        memcpy(text(l, d->store), d->at, l->len);
    else
        l->len = LOST;
    l->kept = true;
}

static size_t fitting(size_t used, size_t len)
{
    return len < FIRST_LINE_MAX - used ? len : FIRST_LINE_MAX - used;
}

/* Empty lines may come before it. */
static void begin(struct first_line *l, struct first_line_desk *d, struct span in)
{
    while (in.len && (*in.at == '\r' || *in.at == '\n'))
        in = span_make(in.at + 1, in.len - 1);
    d->at = in.at;
    l->len = (uint16_t)fitting(0, in.len);
}

static void append(struct first_line *l, struct first_line_desk *d, struct span in)
{
    if (!l->kept)
        keep(l, d);
    if (l->len == LOST)
        return;
    size_t n = fitting(l->len, in.len);
    memcpy(text(l, d->store) + l->len, in.at, n);
    l->len = (uint16_t)(l->len + n);
}

void first_line_plan(struct first_line *l)
{
    l->in_use = l->place;
}

void first_line_miss(struct first_line *l)
{
    l->len = LOST;
    l->kept = true;
}

void first_line_feed(struct first_line *l, struct first_line_desk *d, struct span in,
                     enum http_event event)
{
    if (!l->whole && l->len == 0)
        begin(l, d, in);
    else if (!l->whole)
        append(l, d, in);
    l->whole = l->whole || event == HTTP_LINE;
    if (event == HTTP_DONE)
        *l = (struct first_line){ .place = !l->in_use, .in_use = l->in_use };
}

void first_line_settle(struct first_line *l, struct first_line_desk *d, bool in_head)
{
    if (!in_head) {
        l->len = 0;
        l->kept = false;
    } else if (l->len && !l->kept) {
        keep(l, d);
    }
}

void first_line_tell(const struct first_line *l, const struct first_line_desk *d, struct target *to)
{
    if (l->len == 0 || l->len == LOST)
        return;
    struct span rest, line = span_make(l->kept ? text(l, d->store) : d->at, l->len);
    struct span method = span_cut(line, ' ', &rest);
    if (!rest.at)
        return;
    to->method = method;
    for (size_t i = 0; i < rest.len; i++) {
        if (!memchr(" ?#", rest.at[i], 3))
            continue;
        to->path = span_make(rest.at, i);
        return;
    }
}
