/* Any bytes as a request, judged by rules of all kinds: what is made is legal, never beside what
 * came in under its key, and nothing of a key that is not let in comes in. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/draft_inbound.h"
#include "policy/inbound.h"

enum { LINES = 64 };

static void make(struct policy_draft *d, struct make_spec spec)
{
    if (policy_draft_make(d, &spec))
        abort();
}

static struct policy *build(void)
{
    struct policy_draft *d = policy_draft_new();
    struct token_spec token = { .name = SPAN("t"),
                                .header = SPAN("authorization"),
                                .unverified = true };
    policy_draft_salt(d, SPAN("salt"));
    policy_draft_trust(d, 1);
    policy_draft_trust_peer(d, SPAN("10.0.0.0/8"));
    policy_draft_trust_key(d, SPAN("a*"));
    policy_draft_trust(d, 2);
    policy_draft_trust_key(d, SPAN("b"));
    if (policy_draft_token(d, &token))
        abort();
    make(d, (struct make_spec){ .key = SPAN("a"), .header = SPAN("x"), .mode = SPEC_KEEP });
    make(d, (struct make_spec){ .key = SPAN("b"), .cookie = SPAN("c"), .match = SPAN("[a-z]*") });
    make(d, (struct make_spec){ .key = SPAN("q"), .query = SPAN("q"), .lower = true, .max = 512 });
    make(d, (struct make_spec){ .key = SPAN("p"), .path = SPAN("/p/{}/**"), .hash = true });
    make(d, (struct make_spec){ .key = SPAN("j"), .claim = SPAN("a.b"), .token = SPAN("t") });
    make(d, (struct make_spec){ .key = SPAN("i"), .peer = true });
    return policy_freeze(d);
}

static void check(const struct inbound *in, member_set set, const struct buf *made)
{
    static struct baggage list;
    baggage_init(&list);
    baggage_parse(&list, buf_span(made));
    if (list.dropped || list.bytes != made->len || (set & ~members_of(in->came)))
        abort();
    for (uint32_t i = 0; i < in->came->count; i++) {
        struct span key = member_key(&in->came->member[i]);
        if ((set >> i & 1) &&
            (baggage_find(&list, key) >= 0 || (key.at[0] != 'a' && key.at[0] != 'b')))
            abort();
    }
    for (uint32_t i = 0; i < list.count; i++)
        if (baggage_find(&list, member_key(&list.member[i])) != (int)i)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct policy *p;
    static struct baggage came;
    static struct inbound_field field[LINES];
    static char room[LIMIT_LIST];
    struct span text = span_make((const char *)data, size), value;
    struct inbound in = { .field = field, .came = &came, .target = span_cut(text, '\n', &text) };
    in.peer = span_cut(text, '\n', &text);
    if (!p)
        p = build();
    baggage_init(&came);
    while (text.len && in.fields < LINES) {
        struct span line = span_cut(text, '\n', &text);
        uint8_t which = http_watch_find(policy_watch(p), span_cut(line, ':', &value));
        if (which == HTTP_BAGGAGE)
            baggage_parse(&came, value);
        else if (which != HTTP_FIELD_NONE)
            field[in.fields++] = (struct inbound_field){ which, span_trim(value) };
    }
    struct buf made = buf_over(room, size % 3 ? sizeof room : size % 100);
    check(&in, policy_inbound(p, &in, &made), &made);
    return 0;
}
