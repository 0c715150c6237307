/* The corpus that tests/lib/adversary.py writes: streams, and what of ours must stand in them. */
#ifndef BELLHOP_TESTS_ADVERSARY_CORPUS_H
#define BELLHOP_TESTS_ADVERSARY_CORPUS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes at an offset of a stream: ours before it, an answer after what is before it, or a body. */
struct place {
    size_t at, len;
    char *text;
};

struct strand {
    char name[64];
    char *data;
    size_t len;
    size_t file_at; /* of the data in the corpus file */
    size_t inserts, answers, bodies;
    struct place *insert, *answer, *body;
};

struct corpus {
    struct strand *strand;
    size_t count;
};

static inline void corpus_die(const char *why)
{
    fprintf(stderr, "corpus: %s\n", why);
    exit(2);
}

static inline void *corpus_alloc(size_t count, size_t size)
{
    void *at = calloc(count ? count : 1, size);
    if (!at)
        corpus_die("no memory");
    return at;
}

static inline char *corpus_bytes(FILE *f, size_t len)
{
    char *at = corpus_alloc(len + 1, 1);
    if (fread(at, 1, len, f) != len || getc(f) != '\n')
        corpus_die("cut short");
    return at;
}

static inline struct place *corpus_places(FILE *f, size_t count, bool has_text)
{
    struct place *p = corpus_alloc(count, sizeof *p);
    for (size_t i = 0; i < count; i++) {
        if (fscanf(f, "%zu %zu", &p[i].at, &p[i].len) != 2 || getc(f) != '\n')
            corpus_die("no place");
        p[i].text = has_text ? corpus_bytes(f, p[i].len) : NULL;
    }
    return p;
}

static inline struct corpus corpus_read(const char *path)
{
    struct corpus c = { .strand = corpus_alloc(4096, sizeof *c.strand) };
    FILE *f = fopen(path, "rb");
    if (!f)
        corpus_die("cannot be opened");
    for (struct strand *s = c.strand; c.count < 4096; s++, c.count++) {
        int found = fscanf(f, "case %zu %zu %zu %zu %63s", &s->len, &s->inserts, &s->answers,
                           &s->bodies, s->name);
        if (found == EOF)
            break;
        if (found != 5 || getc(f) != '\n')
            corpus_die("no case");
        s->file_at = (size_t)ftell(f);
        s->data = corpus_bytes(f, s->len);
        s->insert = corpus_places(f, s->inserts, true);
        s->answer = corpus_places(f, s->answers, true);
        s->body = corpus_places(f, s->bodies, false);
    }
    fclose(f);
    if (!c.count)
        corpus_die("empty");
    return c;
}

/* How many bytes must go out when the first `own` bytes of the stream do. */
static inline size_t strand_wire_len(const struct strand *s, size_t own)
{
    size_t len = own;
    for (size_t i = 0; i < s->inserts; i++)
        len += s->insert[i].at < own ? s->insert[i].len : 0;
    return len;
}

/* Those bytes; to be freed. */
static inline char *strand_wire(const struct strand *s, size_t own)
{
    char *out = corpus_alloc(strand_wire_len(s, own) + 1, 1), *to = out;
    size_t done = 0;
    for (size_t i = 0; i < s->inserts && s->insert[i].at < own; i++) {
        memcpy(to, s->data + done, s->insert[i].at - done);
        to += s->insert[i].at - done;
        memcpy(to, s->insert[i].text, s->insert[i].len);
        to += s->insert[i].len;
        done = s->insert[i].at;
    }
    memcpy(to, s->data + done, own - done);
    return out;
}

/* True if `out` is what must go out with the first `own` bytes; `spare`: each of ours as a whole or
 * not at all, as where memory is lacking. */
static inline bool strand_is_right(const struct strand *s, size_t own, const char *out, size_t left,
                                   bool spare)
{
    size_t done = 0;
    for (size_t i = 0; i <= s->inserts; i++) {
        bool last = i == s->inserts || s->insert[i].at >= own;
        size_t until = last ? own : s->insert[i].at;
        if (left < until - done || memcmp(out, s->data + done, until - done) != 0)
            return false;
        out += until - done;
        left -= until - done;
        done = until;
        if (last)
            break;
        const struct place *p = &s->insert[i];
        bool here = left >= p->len && memcmp(out, p->text, p->len) == 0;
        if (!here && !spare)
            return false;
        out += here ? p->len : 0;
        left -= here ? p->len : 0;
    }
    return left == 0;
}

/* Numbers without a pattern, the same for the same seed. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

static inline size_t random_below(uint64_t *state, size_t limit)
{
    return limit ? (size_t)(random_next(state) % limit) : 0;
}

#endif
