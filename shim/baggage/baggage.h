/* The W3C Baggage codec: a list of members over bytes that the caller owns.
 *
 * Nothing here allocates or keeps state, and all of it may run in a signal handler. Members keep
 * the raw bytes that they came in (STANDARD B11): decoding is for policy, logs and display. */
#ifndef BELLHOP_BAGGAGE_BAGGAGE_H
#define BELLHOP_BAGGAGE_BAGGAGE_H

#include <stdint.h>

#include "base/limits.h"
#include "base/span.h"

/* One member, as offsets into the bytes that it was parsed from. */
struct member {
    const char *at;    /* first byte of the key */
    uint16_t len;      /* up to the last byte of value or properties, inner white space included */
    uint16_t key_len;  /* the key is at[0 .. key_len) */
    uint16_t value_at; /* the raw value is at[value_at .. value_at + value_len) */
    uint16_t value_len;
    uint16_t meta_at;  /* raw properties at[meta_at .. len), without the first ';'; == len: none */
    uint16_t wire_len; /* bytes when sent: <= len, smaller when white space goes away */
    bool tidy;         /* at[0 .. len) can be sent as it is; then wire_len == len */
    bool joined;       /* at[-1] is a comma of the same line: neighbours can leave in one piece */
};

struct baggage {
    uint32_t count;               /* <= LIMIT_MEMBERS */
    uint32_t bytes;               /* when sent as one list, commas included; <= LIMIT_LIST */
    uint32_t raw;                 /* bytes of input looked at so far, over all lines */
    uint32_t dropped;             /* members left out, of which so many are */
    uint32_t malformed, too_many; /* these; the others are too long in all */
    struct member member[LIMIT_MEMBERS];
};

/* Makes it the empty list. The member array is left as it is, so this is cheap. */
void baggage_init(struct baggage *b);

/* Adds the members of one field value (one `baggage` line) to the list, in order (STANDARD A-F).
 * `line` must outlive the list. Malformed members are dropped and counted, and so are members that
 * come after LIMIT_MEMBERS or do not fit into what is left of LIMIT_LIST (a later, smaller one
 * may). Input beyond LIMIT_RAW over all lines is not looked at: the member that the limit cuts and
 * all that follow it are dropped, and counted as one for each line. */
void baggage_parse(struct baggage *b, struct span line);

/* Adds one member that the caller knows to be valid: one out of another list, whose bytes must then
 * outlive this list too. False, and counted as dropped: a limit. */
bool baggage_add(struct baggage *b, const struct member *m);

static inline struct span member_key(const struct member *m)
{
    return span_make(m->at, m->key_len);
}

/* Raw, as sent; see percent_decode. */
static inline struct span member_value(const struct member *m)
{
    return span_make(m->at + m->value_at, m->value_len);
}

/* The raw properties with the white space and empty ones that they came with; often empty. */
static inline struct span member_meta(const struct member *m)
{
    return span_make(m->at + m->meta_at, (size_t)(m->len - m->meta_at));
}

/* The index of the last member with this key (STANDARD D16), or -1. */
int baggage_find(const struct baggage *b, struct span key);

/* The next property at *rest, which it moves on; empty properties are skipped. False: no more.
 * `value` is {NULL, 0} for a bare one. Both are raw (STANDARD C12), without white space around. */
bool property_next(struct span *rest, struct span *key, struct span *value);

/* A set of members of one list: bit i stands for member[i]. */
typedef uint64_t member_set;
#define MEMBERS_ALL  (~(member_set)0)
#define MEMBERS_NONE ((member_set)0)

static inline member_set members_of(const struct baggage *b)
{
    return b->count == 64 ? MEMBERS_ALL : (((member_set)1 << b->count) - 1);
}

/* How many. Most sets are small. */
static inline unsigned members_count(member_set set)
{
    unsigned count = 0;
    for (; set; set &= set - 1)
        count++;
    return count;
}

/* The members of `weak` whose keys are not in `strong`, and not in these members of it. */
member_set baggage_missing(const struct baggage *weak, const struct baggage *strong);
member_set baggage_missing_in(const struct baggage *weak, const struct baggage *strong,
                              member_set among);

/* Of `set`, the first members of `b` that fit beside `used_members` and `used_bytes` of a list that
 * is already there, within LIMIT_MEMBERS and LIMIT_LIST, the comma between counted (STANDARD E19).
 * A member that is too long is passed over; later ones that fit are taken. */
member_set baggage_fit(const struct baggage *b, member_set set, size_t used_members,
                       size_t used_bytes);

/* Writes the members of `set` as one field value, joined by bare commas; returns its length, or 0
 * and nothing of use in `out` when it needs more than `max`. The bytes are legal by grammar. */
size_t baggage_format(const struct baggage *b, member_set set, char *out, size_t max);

/* The length that baggage_format would write. */
size_t baggage_format_len(const struct baggage *b, member_set set);

/* Writes one member as it is sent; the same return as baggage_format. What follows the first
 * key_len + 1 + value_len bytes is the properties, each with its ';' before it. */
size_t member_format(const struct member *m, char *out, size_t max);

/* True if `key` is a token (STANDARD A2), not empty. */
bool baggage_is_key(struct span key);

/* Encodes what is no baggage-octet, and `%`, over bytes (STANDARD B6). Returns the length, or
 * SIZE_MAX when `max` is too small. Worst case: 3 * len. */
size_t percent_encode(struct span in, char *out, size_t max);

/* Decodes; a malformed escape stays as it is (B9), and bytes that are not UTF-8 become U+FFFD, one
 * for each maximal subpart (B8). Returns as percent_encode does; worst case: 3 * len. `out` must
 * not overlap `raw`. The result may hold NUL, CR, LF (B10): never put it on the wire. */
size_t percent_decode(struct span raw, char *out, size_t max);

/* Builds the text of one member out of a plain key, a plain value (encoded here) and properties in
 * header syntax (empty for none; white space around them and empty ones are left out). Returns its
 * length, or 0 when the key is no token, the properties are malformed, or it needs more than `max`;
 * then `out` holds nothing of use. `out` must not overlap the input. */
size_t member_compose(struct span key, struct span value, struct span meta, char *out, size_t max);

#endif
