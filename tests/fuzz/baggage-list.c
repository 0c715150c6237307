/* Lists: what is parsed keeps within its limits and its input, what is written is legal and reads
 * as what it was written from. The first byte chooses a set of members; lines end with LF. */
#include <stdlib.h>

#include "baggage/baggage.h"

enum { LINES = 16 };

static void hold(bool truth)
{
    if (!truth)
        __builtin_trap();
}

/* Each line in memory of its own, so that a byte too much is a fault. */
static size_t split(struct span rest, struct span *line)
{
    size_t count = 0;
    while (rest.len && count < LINES) {
        const struct span next = span_cut(rest, '\n', &rest);
        char *copy = malloc(next.len);
        if (next.len)
            memcpy(copy, next.at, next.len);
        line[count++] = span_make(copy, next.len);
    }
    return count;
}

static bool inside(struct span part, const struct span *line, size_t lines)
{
    for (size_t i = 0; i < lines; i++)
        if (line[i].at && part.at >= line[i].at && part.at + part.len <= line[i].at + line[i].len)
            return true;
    return false;
}

static void check_member(const struct member *m, const struct span *line, size_t lines)
{
    hold(inside(span_make(m->at, m->len), line, lines));
    hold(baggage_is_key(member_key(m)));
    hold(m->value_at > m->key_len && m->value_at + m->value_len <= m->meta_at);
    hold(m->meta_at <= m->len && m->wire_len <= m->len && m->tidy == (m->wire_len == m->len));
    hold(!m->joined || (m->at[-1] == ',' && inside(span_make(m->at - 1, 1), line, lines)));

    size_t wire = m->key_len + (size_t)1 + m->value_len;
    struct span rest = member_meta(m), key, value;
    while (property_next(&rest, &key, &value)) {
        hold(baggage_is_key(key));
        wire += 1 + key.len + (value.at ? 1 + value.len : 0);
    }
    hold(wire == m->wire_len);

    char *text = malloc(wire);
    hold(member_format(m, text, wire) == wire && member_format(m, text, wire - 1) == 0);
    free(text);
}

static void check_list(const struct baggage *b, const struct span *line, size_t lines)
{
    size_t bytes = b->count ? b->count - 1 : 0;
    hold(b->count <= LIMIT_MEMBERS && b->bytes <= LIMIT_LIST && b->raw <= LIMIT_RAW);
    for (uint32_t i = 0; i < b->count; i++) {
        check_member(&b->member[i], line, lines);
        bytes += b->member[i].wire_len;
        hold(baggage_find(b, member_key(&b->member[i])) >= (int)i);
    }
    hold(bytes == b->bytes);
}

static void check_same(const struct member *a, const struct member *b)
{
    hold(span_equal(member_key(a), member_key(b)) && span_equal(member_value(a), member_value(b)));
    struct span rest_a = member_meta(a), rest_b = member_meta(b), key_a, key_b, value_a, value_b;
    while (property_next(&rest_a, &key_a, &value_a)) {
        hold(property_next(&rest_b, &key_b, &value_b));
        hold(span_equal(key_a, key_b) && span_equal(value_a, value_b));
        hold(!value_a.at == !value_b.at);
    }
    hold(!property_next(&rest_b, &key_b, &value_b));
}

/* Writes a set, reads it again, and compares with the members that were chosen. */
static void check_format(const struct baggage *b, member_set set)
{
    const size_t len = baggage_format_len(b, set);
    char *text = malloc(len);
    hold(baggage_format(b, set, text, len) == len);
    hold(len == 0 || baggage_format(b, set, text, len - 1) == 0);
    hold(baggage_format(b, set, text, len) == len);
    for (size_t i = 0; i < len; i++)
        hold(text[i] > 0x20 && text[i] < 0x7F);

    struct baggage again;
    uint32_t at = 0;
    baggage_init(&again);
    baggage_parse(&again, span_make(text, len));
    hold(again.dropped == 0 && again.bytes == len);
    for (uint32_t i = 0; i < b->count; i++)
        if (set >> i & 1)
            check_same(&b->member[i], &again.member[at++]);
    hold(at == again.count);
    for (uint32_t i = 0; i < at; i++)
        hold(again.member[i].tidy);
    free(text);
}

/* The last line is the weak list, all lines are the strong one; then the other way round. */
static void check_merge(const struct baggage *strong, const struct baggage *weak)
{
    const member_set missing = baggage_missing(weak, strong);
    hold((missing & ~members_of(weak)) == 0);
    for (uint32_t i = 0; i < weak->count; i++)
        hold((missing >> i & 1) == (baggage_find(strong, member_key(&weak->member[i])) < 0));

    const member_set fit = baggage_fit(weak, missing, strong->count, strong->bytes);
    struct baggage both = *strong;
    for (uint32_t i = 0; i < weak->count; i++)
        if (missing >> i & 1)
            hold(baggage_add(&both, &weak->member[i]) == (fit >> i & 1));
    hold((fit & ~missing) == 0 && both.count == strong->count + __builtin_popcountll(fit));
    check_format(&both, MEMBERS_ALL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct span line[LINES];
    const size_t lines = split(span_make((const char *)data + 1, size - 1), line);
    struct baggage all, last;
    baggage_init(&all);
    baggage_init(&last);
    for (size_t i = 0; i < lines; i++)
        baggage_parse(&all, line[i]);
    if (lines)
        baggage_parse(&last, line[lines - 1]);

    check_list(&all, line, lines);
    check_format(&all, MEMBERS_ALL);
    check_format(&all, data[0] * 0x9E3779B97F4A7C15ull);
    check_merge(&all, &last);
    check_merge(&last, &all);
    for (size_t i = 0; i < lines; i++)
        free((char *)line[i].at);
    return 0;
}
