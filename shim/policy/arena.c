#include "policy/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

enum { CHUNK = 2048 };

struct arena_chunk {
    struct arena_chunk *before;
    size_t used, size; /* of what follows */
    alignas(max_align_t) char bytes[];
};

static struct arena_chunk *chunk_new(struct arena *a, size_t bytes)
{
    size_t size = bytes > CHUNK ? bytes : CHUNK;
    struct arena_chunk *c = calloc(1, sizeof *c + size);
    if (!c)
        return NULL;
    c->size = size;
    c->before = a->last;
    a->last = c;
    return c;
}

void *arena_take(struct arena *a, size_t bytes)
{
    struct arena_chunk *c = a->last;
    size_t aligned = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (aligned < bytes)
        return NULL;
    if ((!c || c->size - c->used < aligned) && !(c = chunk_new(a, aligned)))
        return NULL;
    void *at = c->bytes + c->used;
    c->used += aligned;
    return at;
}

struct span arena_copy(struct arena *a, struct span s)
{
    if (s.len == 0)
        return SPAN("");
    char *at = arena_take(a, s.len);
    return at ? span_make(memcpy(at, s.at, s.len), s.len) : span_make(NULL, 0);
}

void arena_free(struct arena *a)
{
    while (a->last) {
        struct arena_chunk *before = a->last->before;
        free(a->last);
        a->last = before;
    }
}

void *array_more(struct array *a, size_t item)
{
    if (a->room == a->count) {
        size_t room = (a->room + 4) * 2;
        void *at = reallocarray(a->at, room, item);
        if (!at)
            return NULL;
        a->at = at;
        a->room = room;
    }
    void *next = (char *)a->at + a->count * item;
    memset(next, 0, item);
    return next;
}

void *array_settle(struct array *a, size_t item, struct arena *to)
{
    void *at = arena_take(to, a->count * item);
    if (!at)
        return NULL;
    if (a->count)
        memcpy(at, a->at, a->count * item);
    free(a->at);
    *a = (struct array){ 0 };
    return at;
}
