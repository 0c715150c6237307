/* Messages of the control protocol (include/bellhop/control.h) as bytes: made and read without
 * memory of their own. Nothing that comes in is believed. */
#ifndef BELLHOP_CONTROL_WIRE_H
#define BELLHOP_CONTROL_WIRE_H

#include <bellhop/control.h>

#include "base/buf.h"

/* A message that is being made, in storage of the caller. `out.cut`: it did not fit. */
struct wire_out {
    struct buf out;
};

/* Begins a message. `max` must hold a head. */
struct wire_out wire_begin(char *storage, size_t max, enum bellhop_control_type type, uint32_t id);

/* A field; what does not fit (into the storage, or into a field) is left out as a whole, and the
 * message is cut. */
void wire_put(struct wire_out *w, enum bellhop_control_tag tag, struct span value);
void wire_put_u32(struct wire_out *w, enum bellhop_control_tag tag, uint32_t value);
void wire_put_u64(struct wire_out *w, enum bellhop_control_tag tag, uint64_t value);

/* A field of two parts. */
void wire_put_two(struct wire_out *w, enum bellhop_control_tag tag, struct span first,
                  struct span second);

/* The finished message; empty: it was cut. Valid as long as the storage. */
struct span wire_end(struct wire_out *w);

/* A message that came in; valid as long as its bytes. */
struct wire_in {
    uint16_t version;
    uint16_t type;
    uint32_t id;
    struct span fields;
};

/* Reads the head and checks that the fields fill the message exactly. False: malformed; what the
 * head says is there if it came whole, else zero. */
bool wire_read(struct span message, struct wire_in *in);

/* The next field at *rest, which begins as in->fields. False: no more. */
bool wire_next(struct span *rest, uint16_t *tag, struct span *value);

/* The last field of a tag; {NULL, 0}: there is none. */
struct span wire_find(const struct wire_in *in, enum bellhop_control_tag tag);

/* Numbers. False: there is none, or it has another size; *out is untouched. */
bool wire_u32(const struct wire_in *in, enum bellhop_control_tag tag, uint32_t *out);
bool wire_u64(const struct wire_in *in, enum bellhop_control_tag tag, uint64_t *out);

#endif
