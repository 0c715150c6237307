/* Messages of the control protocol, as an agent reads them: whatever they are, what is read lies
 * within them, and the fields of one that is taken fill it. What is made of them is read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/wire.h"

static void hold(bool what)
{
    if (!what)
        abort();
}

static bool lies_within(struct span part, struct span whole)
{
    return part.at >= whole.at && part.at + part.len <= whole.at + whole.len;
}

/* The same fields in a message of our own come out again. */
static void again(const struct wire_in *in, struct span message)
{
    static char storage[BELLHOP_CONTROL_MESSAGE];
    struct wire_out w =
        wire_begin(storage, sizeof storage, (enum bellhop_control_type)in->type, in->id);
    struct span rest = in->fields, value;
    uint16_t tag;
    while (wire_next(&rest, &tag, &value)) {
        hold(lies_within(value, message));
        size_t half = value.len / 2;
        wire_put_two(&w, (enum bellhop_control_tag)tag, span_make(value.at, half),
                     span_make(value.at + half, value.len - half));
    }
    struct span made = wire_end(&w);
    hold(made.len == message.len);
    hold(span_equal(span_make(made.at + 16, made.len - 16), in->fields));
}

static void numbers(const struct wire_in *in)
{
    for (uint16_t tag = 0; tag < 24; tag++) {
        uint32_t small = 77;
        uint64_t large = 78;
        struct span value = wire_find(in, (enum bellhop_control_tag)tag);
        bool is_small = wire_u32(in, (enum bellhop_control_tag)tag, &small);
        bool is_large = wire_u64(in, (enum bellhop_control_tag)tag, &large);
        hold(is_small == (value.len == 4) && is_large == (value.len == 8));
        hold(is_small || small == 77);
        hold(is_large || large == 78);
    }
}

/* Every shorter storage cuts the message as a whole. */
static void cut(const struct wire_in *in, size_t max)
{
    char *storage = malloc(max);
    struct wire_out w = wire_begin(storage, max, BELLHOP_CONTROL_SET, 1);
    struct span rest = in->fields, value;
    uint16_t tag;
    while (wire_next(&rest, &tag, &value))
        wire_put(&w, (enum bellhop_control_tag)tag, value);
    hold(wire_end(&w).len == 0 || max >= 16 + in->fields.len);
    free(storage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wire_in in;
    char *copy = malloc(len ? len : 1); /* so that a read behind it is found */
    if (len)
        memcpy(copy, data, len);
    /* Mutations rarely get the length right. */
    if (len >= 16 && data[12] & 1) {
        uint32_t length = (uint32_t)len;
        memcpy(copy, &length, sizeof length);
    }
    struct span message = span_make(copy, len);
    if (wire_read(message, &in)) {
        hold(in.fields.len == len - 16);
        again(&in, message);
        numbers(&in);
        cut(&in, 16 + in.fields.len / 2);
        cut(&in, 16 + in.fields.len);
    }
    free(copy);
    return 0;
}
