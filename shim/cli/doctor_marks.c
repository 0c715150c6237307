#include "cli/doctor_marks.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/doctor_hooks.h"
#include "cli/doctor_table.h"

enum { PATTERNS = 128, TEXTS = 3, SCAN = 1 << 20, TEXT_MOST = 32 };

/* The tables' lists, taken apart. */
struct pattern {
    struct span what;
    unsigned char mark;
    unsigned char evidence;
    bool defined, whole;
};

static struct {
    struct pattern symbol[PATTERNS], text[PATTERNS];
    size_t symbols, texts;
    uint8_t begins[1 << 13]; /* a bit for each pair of bytes that a text begins with */
} compiled;

static unsigned pair(const char *at)
{
    return (unsigned char)at[0] << 8 | (unsigned char)at[1];
}

static void add(struct pattern *list, size_t *count, struct pattern p)
{
    if (*count < PATTERNS && p.what.len)
        list[(*count)++] = p;
}

/* A function that hooks.def has got since is none that is missed. */
static bool is_met(const struct pattern *p)
{
    char name[64];
    if (!p->whole || p->defined || p->what.len >= sizeof name)
        return false;
    memcpy(name, p->what.at, p->what.len);
    name[p->what.len] = 0;
    return hook_find(name) >= 0;
}

static void compile_symbols(size_t mark)
{
    struct span rest = span_of(marks[mark].symbols);
    while (rest.len) {
        struct pattern p = { .what = span_cut(rest, ' ', &rest),
                             .mark = (unsigned char)mark,
                             .evidence = EVIDENCE_CERTAIN };
        for (; p.what.len && strchr("+=", *p.what.at); p.what.at++, p.what.len--) {
            p.defined |= *p.what.at == '+';
            p.whole |= *p.what.at == '=';
        }
        if (!is_met(&p))
            add(compiled.symbol, &compiled.symbols, p);
    }
}

static void compile_texts(size_t mark)
{
    for (size_t i = 0; i < TEXTS && marks[mark].texts[i]; i++) {
        struct span text = span_of(marks[mark].texts[i]);
        compiled.begins[pair(text.at) / 8] |= (uint8_t)(1u << pair(text.at) % 8);
        add(compiled.text, &compiled.texts,
            (struct pattern){ .what = text,
                              .mark = (unsigned char)mark,
                              .evidence = (unsigned char)marks[mark].text });
    }
}

static void compile(void)
{
    if (compiled.symbols)
        return;
    for (size_t i = 0; i < marks_known; i++) {
        compile_symbols(i);
        compile_texts(i);
    }
}

size_t marks_count(void)
{
    return marks_known;
}

const struct mark *mark_at(size_t i)
{
    return &marks[i];
}

size_t mark_find(const char *id)
{
    for (size_t i = 0; i < marks_known; i++)
        if (strcmp(marks[i].id, id) == 0)
            return i;
    return MARKS_MOST;
}

static void raise_to(unsigned char *evidence, unsigned char to)
{
    if (*evidence < to)
        *evidence = to;
}

bool begins_with_any(const char *name, const char *list)
{
    struct span rest = span_of(list);
    while (rest.len)
        if (span_starts(span_of(name), span_cut(rest, ' ', &rest)))
            return true;
    return false;
}

void marks_library(unsigned char *evidence, const char *name)
{
    for (size_t i = 0; i < marks_known; i++)
        if (marks[i].libraries && begins_with_any(name, marks[i].libraries))
            raise_to(&evidence[i], EVIDENCE_CERTAIN);
}

void marks_symbol(unsigned char *evidence, const char *name, bool is_defined)
{
    compile();
    for (size_t i = 0; i < compiled.symbols; i++) {
        const struct pattern *p = &compiled.symbol[i];
        if (*name == *p->what.at && (is_defined || !p->defined) &&
            strncmp(name, p->what.at, p->what.len) == 0 && (!p->whole || !name[p->what.len]))
            raise_to(&evidence[p->mark], p->evidence);
    }
}

void marks_section(unsigned char *evidence, const char *name)
{
    for (size_t i = 0; i < marks_known; i++) {
        struct span rest = span_of(marks[i].sections);
        while (rest.len)
            if (span_equal(span_of(name), span_cut(rest, ' ', &rest)))
                raise_to(&evidence[i], EVIDENCE_CERTAIN);
    }
}

static void scan(unsigned char *evidence, const char *at, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++) {
        unsigned key = pair(at + i);
        if (!(compiled.begins[key / 8] >> key % 8 & 1))
            continue;
        for (size_t k = 0; k < compiled.texts; k++) {
            const struct pattern *p = &compiled.text[k];
            if (span_starts(span_make(at + i, len - i), p->what))
                raise_to(&evidence[p->mark], p->evidence);
        }
    }
}

size_t marks_texts(unsigned char *evidence, int fd, size_t most)
{
    char *buffer = malloc(SCAN + TEXT_MOST);
    size_t kept = 0, at = 0;
    compile();
    while (buffer && at < most) {
        size_t want = most - at < SCAN ? most - at : SCAN;
        ssize_t got = pread(fd, buffer + kept, want, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        at += (size_t)got;
        size_t len = kept + (size_t)got;
        scan(evidence, buffer, len);
        /* A text may go over the edge. */
        kept = len < TEXT_MOST ? len : TEXT_MOST;
        memmove(buffer, buffer + len - kept, kept);
    }
    free(buffer);
    return at;
}

void marks_settle(unsigned char *evidence)
{
    bool drop[MARKS_MOST] = { false };
    for (size_t i = 0; i < marks_known; i++) {
        struct span rest = span_of(marks[i].unless);
        while (rest.len) {
            struct span id = span_cut(rest, ' ', &rest);
            for (size_t k = 0; k < marks_known; k++)
                drop[i] |= evidence[k] && span_equal(id, span_of(marks[k].id));
        }
    }
    for (size_t i = 0; i < marks_known; i++)
        if (drop[i])
            evidence[i] = EVIDENCE_NONE;
}

const char *evidence_word(enum evidence e)
{
    static const char *const words[] = { "none", "possible", "likely", "certain" };
    return words[e];
}

const char *mark_kind_word(enum mark_kind kind)
{
    static const char *const words[] = { "tls",      "runtime",   "calls",
                                         "protocol", "sanitizer", "sandbox" };
    return words[kind];
}
