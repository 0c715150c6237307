#include "context/snapshot.h"

#include <stdlib.h>

#include "base/buf.h"

/* A run of members on the way into a new snapshot: some of a list, or the text of one. */
struct part {
    const struct baggage *list; /* or NULL: `text` */
    member_set set;
    struct span text;
};

static const struct baggage *list_of(const struct bellhop_baggage *b)
{
    static const struct baggage empty;
    return b ? &b->list : &empty;
}

static member_set live_of(const struct bellhop_baggage *b)
{
    return b ? members_of(&b->list) & ~b->removed : MEMBERS_NONE;
}

static member_set removed_of(const struct bellhop_baggage *b)
{
    return b ? b->removed : MEMBERS_NONE;
}

static member_set with_key(const struct baggage *list, struct span key)
{
    member_set set = MEMBERS_NONE;
    for (uint32_t i = 0; i < list->count; i++)
        if (span_equal(member_key(&list->member[i]), key))
            set |= (member_set)1 << i;
    return set;
}

static size_t part_len(const struct part *p)
{
    return p->list ? baggage_format_len(p->list, p->set) : p->text.len;
}

static size_t part_members(const struct part *p)
{
    return p->list ? members_count(p->set) : (p->text.len > 0);
}

static size_t parts_put(const struct part *parts, size_t count, char *out, size_t max)
{
    struct buf b = buf_over(out, max);
    for (size_t i = 0; i < count; i++) {
        if (!part_members(&parts[i]))
            continue;
        if (b.len)
            buf_putc(&b, ',');
        if (parts[i].list)
            b.len += baggage_format(parts[i].list, parts[i].set, b.at + b.len, b.max - b.len);
        else
            buf_put(&b, parts[i].text);
    }
    return b.len;
}

/* The snapshot of these parts in order, of which the first `live` are members and the others
 * tombstones. -E2BIG, -ENOMEM. */
static int assemble(const struct part *parts, size_t count, size_t live, bool alone,
                    struct bellhop_baggage **out)
{
    size_t members = 0, seen = 0, len = 0;
    for (size_t i = 0; i < count; i++) {
        members += part_members(&parts[i]);
        len += part_len(&parts[i]) + 1;
        if (i < live)
            seen = members;
    }
    if (members > LIMIT_MEMBERS || len > LIMIT_LIST + count)
        return -E2BIG;
    size_t head = offsetof(struct bellhop_baggage, list.member);
    head += (members + 1) * sizeof(struct member);
    struct bellhop_baggage *b = malloc(head + len + 1);
    if (!b)
        return -ENOMEM;
    char *text = (char *)b + head;
    atomic_init(&b->refs, 1);
    b->alone = alone;
    b->text = span_make(text, parts_put(parts, count, text, len + 1));
    baggage_init(&b->list);
    baggage_parse(&b->list, b->text);
    if (b->list.count != members) {
        free(b);
        return -E2BIG;
    }
    b->removed = seen == 64 ? MEMBERS_NONE : members_of(&b->list) & (MEMBERS_ALL << seen);
    *out = b;
    return 0;
}

struct bellhop_baggage *snapshot_of(const struct baggage *list, member_set set)
{
    struct bellhop_baggage *b = NULL;
    assemble(&(struct part){ .list = list, .set = set }, 1, 1, false, &b);
    return b;
}

struct bellhop_baggage *snapshot_alone(void)
{
    struct bellhop_baggage *b = NULL;
    assemble(NULL, 0, 0, true, &b);
    return b;
}

struct bellhop_baggage *snapshot_parse(const char *field, size_t len)
{
    struct baggage *list = malloc(sizeof *list);
    if (!list)
        return NULL;
    baggage_init(list);
    baggage_parse(list, span_make(field, field ? len : 0));
    struct bellhop_baggage *made = snapshot_of(list, members_of(list));
    free(list);
    return made;
}

size_t snapshot_format(const struct bellhop_baggage *b, char *out, size_t max)
{
    size_t len = baggage_format_len(list_of(b), live_of(b));
    if (len <= max)
        baggage_format(list_of(b), live_of(b), out, max);
    return len;
}

size_t snapshot_count(const struct bellhop_baggage *b)
{
    return members_count(live_of(b));
}

bool snapshot_at(const struct bellhop_baggage *b, size_t i, struct bellhop_member *out)
{
    if (i >= snapshot_count(b)) /* live members stand before tombstones */
        return false;
    const struct member *m = &b->list.member[i];
    struct span value = member_value(m), meta = member_meta(m);
    *out = (struct bellhop_member){ m->at, m->key_len, value.at, value.len, meta.at, meta.len };
    return true;
}

long snapshot_value(const struct bellhop_baggage *b, const char *key, char *out, size_t max)
{
    const struct baggage *list = list_of(b);
    member_set hits = with_key(list, span_of(key)) & live_of(b);
    if (!hits)
        return -ENOENT;
    struct span raw = member_value(&list->member[63 - __builtin_clzll(hits)]);
    char *plain = malloc(3 * raw.len + 1);
    if (!plain)
        return -ENOMEM;
    size_t len = percent_decode(raw, plain, 3 * raw.len + 1);
    if (max)
        memcpy(out, plain, len < max ? len : max);
    free(plain);
    return (long)len;
}

int snapshot_set(const struct bellhop_baggage *b, const char *key, struct span value,
                 const char *metadata, struct bellhop_baggage **out)
{
    const struct baggage *list = list_of(b);
    struct span name = span_of(key), meta = span_of(metadata);
    if (!baggage_is_key(name))
        return -EINVAL;
    if (name.len + value.len + meta.len > LIMIT_LIST)
        return -E2BIG;
    size_t max = name.len + 3 * value.len + meta.len + 4;
    char *text = malloc(max);
    if (!text)
        return -ENOMEM;
    size_t len = member_compose(name, value, meta, text, max);
    member_set same = with_key(list, name), live = live_of(b);
    member_set before = (same & live) ? ((same & live) & -(same & live)) - 1 : MEMBERS_ALL;
    struct part parts[] = {
        { .list = list, .set = live & ~same & before },
        { .text = span_make(text, len) },
        { .list = list, .set = live & ~same & ~before },
        { .list = list, .set = removed_of(b) & ~same },
    };
    int result = len ? assemble(parts, 4, 3, b && b->alone, out) : -EINVAL;
    free(text);
    return result;
}

struct bellhop_baggage *snapshot_with(const struct bellhop_baggage *b, const char *key,
                                      const char *value, size_t value_len, const char *metadata)
{
    struct bellhop_baggage *made = NULL;
    snapshot_set(b, key, span_make(value, value ? value_len : 0), metadata, &made);
    return made;
}

static struct bellhop_baggage *drop(const struct bellhop_baggage *b, struct span key,
                                    struct span tombstone)
{
    const struct baggage *list = list_of(b);
    member_set same = with_key(list, key);
    struct bellhop_baggage *made = NULL;
    struct part parts[] = {
        { .list = list, .set = live_of(b) & ~same },
        { .list = list, .set = removed_of(b) & ~same },
        { .text = tombstone },
    };
    assemble(parts, 3, 1, b && b->alone, &made);
    return made;
}

struct bellhop_baggage *snapshot_without(const struct bellhop_baggage *b, const char *key)
{
    return drop(b, span_of(key), SPAN(""));
}

struct bellhop_baggage *snapshot_hide(const struct bellhop_baggage *b, const char *key)
{
    struct span name = span_of(key);
    if (!baggage_is_key(name) || name.len >= LIMIT_LIST)
        return drop(b, name, SPAN(""));
    char *tombstone = malloc(name.len + 2);
    if (!tombstone)
        return NULL;
    size_t len = member_compose(name, SPAN(""), SPAN(""), tombstone, name.len + 2);
    struct bellhop_baggage *made = drop(b, name, span_make(tombstone, len));
    free(tombstone);
    return made;
}

struct bellhop_baggage *snapshot_merge(const struct bellhop_baggage *strong,
                                       const struct bellhop_baggage *weak)
{
    const struct baggage *s = list_of(strong), *w = list_of(weak);
    member_set keep = live_of(strong), rest = live_of(weak) & baggage_missing(w, s);
    struct bellhop_baggage *made = NULL;
    if (strong && strong->alone)
        rest = MEMBERS_NONE;
    rest = baggage_fit(w, rest, members_count(keep | removed_of(strong)), s->bytes);
    struct part parts[] = {
        { .list = w, .set = rest },
        { .list = s, .set = keep },
        { .list = s, .set = removed_of(strong) },
    };
    assemble(parts, 3, 2, strong && strong->alone, &made);
    return made;
}

struct bellhop_baggage *snapshot_hold(struct bellhop_baggage *b)
{
    if (b)
        atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    return b;
}

void snapshot_release(struct bellhop_baggage *b)
{
    if (b && atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1)
        free(b);
}
