#include "control/wire.h"

struct wire_out wire_begin(char *storage, size_t max, enum bellhop_control_type type, uint32_t id)
{
    struct wire_out w = { .out = buf_over(storage, max) };
    struct bellhop_control_head head = { .version = BELLHOP_CONTROL_VERSION,
                                         .type = (uint16_t)type,
                                         .id = id };
    buf_put(&w.out, span_make((const char *)&head, sizeof head));
    return w;
}

void wire_put_two(struct wire_out *w, enum bellhop_control_tag tag, struct span first,
                  struct span second)
{
    size_t len = first.len + second.len;
    struct bellhop_control_field field = { .tag = (uint16_t)tag, .length = (uint16_t)len };
    if (len > UINT16_MAX || sizeof field + len > w->out.max - w->out.len) {
        w->out.cut = true;
        return;
    }
    buf_put(&w->out, span_make((const char *)&field, sizeof field));
    buf_put(&w->out, first);
    buf_put(&w->out, second);
}

void wire_put(struct wire_out *w, enum bellhop_control_tag tag, struct span value)
{
    wire_put_two(w, tag, value, SPAN(""));
}

void wire_put_u32(struct wire_out *w, enum bellhop_control_tag tag, uint32_t value)
{
    wire_put(w, tag, span_make((const char *)&value, sizeof value));
}

void wire_put_u64(struct wire_out *w, enum bellhop_control_tag tag, uint64_t value)
{
    wire_put(w, tag, span_make((const char *)&value, sizeof value));
}

struct span wire_end(struct wire_out *w)
{
    struct bellhop_control_head head;
    if (w->out.cut || w->out.len < sizeof head || w->out.len > BELLHOP_CONTROL_MESSAGE)
        return (struct span){ 0 };
    memcpy(&head, w->out.at, sizeof head);
    head.length = (uint32_t)w->out.len;
    memcpy(w->out.at, &head, sizeof head);
    return buf_span(&w->out);
}

bool wire_next(struct span *rest, uint16_t *tag, struct span *value)
{
    struct bellhop_control_field field;
    if (rest->len < sizeof field)
        return false;
    memcpy(&field, rest->at, sizeof field);
    if (field.length > rest->len - sizeof field)
        return false;
    *tag = field.tag;
    *value = span_make(rest->at + sizeof field, field.length);
    *rest =
        span_make(rest->at + sizeof field + field.length, rest->len - sizeof field - field.length);
    return true;
}

bool wire_read(struct span message, struct wire_in *in)
{
    struct bellhop_control_head head;
    uint16_t tag;
    struct span value;
    *in = (struct wire_in){ .version = 0 };
    if (message.len < sizeof head || message.len > BELLHOP_CONTROL_MESSAGE)
        return false;
    memcpy(&head, message.at, sizeof head);
    in->version = head.version;
    in->type = head.type;
    in->id = head.id;
    if (head.length != message.len)
        return false;
    in->fields = span_make(message.at + sizeof head, message.len - sizeof head);
    struct span rest = in->fields;
    while (wire_next(&rest, &tag, &value))
        ;
    return rest.len == 0;
}

struct span wire_find(const struct wire_in *in, enum bellhop_control_tag tag)
{
    struct span rest = in->fields, value, found = { 0 };
    uint16_t this;
    while (wire_next(&rest, &this, &value))
        if (this == (uint16_t)tag)
            found = value;
    return found;
}

bool wire_u32(const struct wire_in *in, enum bellhop_control_tag tag, uint32_t *out)
{
    struct span value = wire_find(in, tag);
    if (value.len != sizeof *out)
        return false;
    memcpy(out, value.at, sizeof *out);
    return true;
}

bool wire_u64(const struct wire_in *in, enum bellhop_control_tag tag, uint64_t *out)
{
    struct span value = wire_find(in, tag);
    if (value.len != sizeof *out)
        return false;
    memcpy(out, value.at, sizeof *out);
    return true;
}
