#include "context/capture.h"

#include <stdatomic.h>

#include "base/blocks.h"
#include "http/http.h"

/* The whole of a head's fields: baggage and tracestate at their limits, and others. */
#define CAPTURE_MAX BLOCK_MAX
#define CAPTURE_MIN 448

struct line {
    uint32_t len;
    uint32_t field;
};

struct capture {
    uint32_t len;  /* of at[], without the padding behind the last line */
    uint32_t last; /* where the last line begins */
    uint32_t cut;  /* the last line is not whole, and what followed is not here */
    atomic_uint looked_at;
    char at[]; /* of struct line, each with its value */
};

_Static_assert(sizeof(struct capture) == offsetof(struct capture, at), "see grow");

static uint32_t padded(uint32_t len)
{
    return (len + 3) & ~3u;
}

static struct line *line_at(const struct capture *c, uint32_t at)
{
    return (struct line *)(void *)((char *)(uintptr_t)c->at + at);
}

static size_t room_of(const struct capture *c)
{
    return block_room(c) - offsetof(struct capture, at);
}

/* Room for `more` bytes behind the first `len`; false: there is none to be had. */
static bool grow(struct capture **c, uint32_t len, size_t more)
{
    size_t want = sizeof **c + len + more;
    if (*c && len + more <= room_of(*c))
        return true;
    struct capture *bigger = block_take(want < CAPTURE_MIN ? CAPTURE_MIN : want);
    if (!bigger)
        return false;
    if (*c)
        memcpy(bigger, *c, sizeof **c + (*c)->len);
    else
        *bigger = (struct capture){ 0 };
    block_give(*c);
    *c = bigger;
    return true;
}

static bool begin_line(struct capture **c, unsigned field)
{
    uint32_t at = *c ? padded((*c)->len) : 0;
    if (!grow(c, at, sizeof(struct line))) {
        if (*c)
            (*c)->cut = true;
        return false;
    }
    (*c)->last = at;
    (*c)->len = at + (uint32_t)sizeof(struct line);
    *line_at(*c, at) = (struct line){ .field = field };
    return true;
}

void capture_feed(struct capture **c, unsigned field, struct span bytes, bool new_line)
{
    if (*c && (*c)->cut)
        return;
    if (new_line && !begin_line(c, field))
        return;
    if (!*c)
        return;
    size_t len = bytes.len;
    if (!grow(c, (*c)->len, len)) {
        (*c)->cut = true;
        len = room_of(*c) - (*c)->len;
    }
    memcpy((*c)->at + (*c)->len, bytes.at, len);
    (*c)->len += (uint32_t)len;
    line_at(*c, (*c)->last)->len += (uint32_t)len;
}

/* Whole members only (STANDARD E19). */
static struct span without_tail(struct span list)
{
    while (list.len && list.at[list.len - 1] != ',')
        list.len--;
    return list;
}

bool capture_next(const struct capture *c, uint32_t *at, unsigned *field, struct span *value)
{
    if (!c || *at + sizeof(struct line) > c->len)
        return false;
    const struct line *l = line_at(c, *at);
    bool is_cut = c->cut && *at == c->last;
    *field = l->field;
    *value = span_make((const char *)(l + 1), l->len);
    *at = padded(*at + (uint32_t)sizeof *l + l->len);
    if (!is_cut)
        return true;
    *value = without_tail(*value);
    return l->field == HTTP_BAGGAGE;
}

bool capture_has(const struct capture *c, unsigned field)
{
    unsigned found;
    struct span value;
    for (uint32_t at = 0; capture_next(c, &at, &found, &value);)
        if (found == field)
            return true;
    return false;
}

bool capture_first_look(const struct capture *c)
{
    struct capture *own = (struct capture *)(uintptr_t)c;
    return own && !atomic_load_explicit(&own->looked_at, memory_order_relaxed) &&
           !atomic_exchange_explicit(&own->looked_at, 1, memory_order_relaxed);
}

void capture_free(struct capture *c)
{
    block_give(c);
}
