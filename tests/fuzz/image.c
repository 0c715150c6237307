/* Any bytes as an image, with a right head: what is taken for a policy decides, and what it lets go
 * is legal. */
#include <stdint.h>
#include <stdlib.h>

#include "policy/image_parts.h"
#include "policy/inbound.h"

enum { MAX = 20000 };

static void check(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x21 || text.at[i] > 0x7e)
            abort();
}

static void ask(const struct policy *p)
{
    static struct baggage came;
    static char room[LIMIT_LIST];
    struct inbound_field field = { HTTP_FORWARD, SPAN("a.eyJhIjoiYiJ9.c") };
    struct inbound in = { .target = SPAN("/v1/a?q=1"),
                          .field = &field,
                          .fields = 1,
                          .peer = SPAN("10.0.0.1"),
                          .port = 80,
                          .came = &came };
    struct target to = {
        .host = SPAN("a.test"), .port = 80, .method = SPAN("GET"), .path = SPAN("/v1/a")
    };
    struct buf made = buf_over(room, sizeof room);
    baggage_init(&came);
    baggage_parse(&came, SPAN("a=1,b=2,tenant-id=3"));
    in.fields = policy_watch(p)->count > 0;
    policy_inbound(p, &in, &made);
    check(buf_span(&made));
    struct verdict v = policy_outbound(p, &to, &came);
    policy_fit(p, &v, &came, v.members | v.fixed | v.hashed, 0, 0);
    for (unsigned i = 0; i < came.count; i++)
        if (v.fixed >> i & 1)
            check(policy_fixed(p, v.rule, member_key(&came.member[i])));
    check(span_make(room, baggage_format(policy_set(p), MEMBERS_ALL, room, sizeof room)));
    policy_wants_program(p, SPAN("/bin/a"), SPAN("b c"), NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct surroundings here = { .exe = SPAN("/bin/a"), .hostname = SPAN("h") };
    static _Alignas(16) char image[MAX + IMAGE_ROOM];
    size_t len = size & ~(size_t)7;
    struct policy *p;
    if (len < sizeof(struct image) || len > MAX)
        return 0;
    memcpy(image, data, len);
    image_seal((struct image *)(void *)image, len);
    if (policy_adopt(image, len, &here, NULL, &p) == IMAGE_GOOD)
        ask(p);
    return 0;
}
