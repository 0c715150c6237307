#include "baggage/baggage.h"
#include "baggage/scan.h"

void baggage_init(struct baggage *b)
{
    b->count = b->bytes = b->raw = b->dropped = b->malformed = b->too_many = 0;
}

/* One property at p. Returns the end of it, white space after it not included; NULL: malformed. */
static const char *read_property(const char *p, const char *end, size_t *wire)
{
    const char *key = p;
    p = scan_key(p, end);
    if (p == key)
        return NULL;
    *wire = (size_t)(p - key);

    const char *equals = scan_ows(p, end);
    if (equals == end || *equals != '=')
        return p;
    const char *value = scan_ows(equals + 1, end);
    p = scan_value(value, end);
    *wire += 1 + (size_t)(p - value);
    return p == value ? equals + 1 : p;
}

/* What follows the value of a member that is otherwise filled in: white space and properties.
 * Returns where they end; NULL: malformed, or longer than a member's offsets reach. */
static const char *read_properties(struct member *m, const char *p, const char *end)
{
    p = scan_ows(p, end);
    const char *meta = p + 1, *last = NULL;
    size_t wire = m->wire_len;
    while (p != end && *p == ';') {
        p = scan_ows(p + 1, end);
        if (p == end || *p == ';' || *p == ',')
            continue; /* STANDARD C13: an empty one is tolerated */
        size_t property;
        last = p = read_property(p, end, &property);
        if (!p || p - m->at > UINT16_MAX)
            return NULL;
        wire += 1 + property;
        p = scan_ows(p, end);
    }
    if (last) {
        m->meta_at = (uint16_t)(meta - m->at);
        m->len = (uint16_t)(last - m->at);
        m->wire_len = (uint16_t)wire;
    }
    return p;
}

/* One member at p, up to the comma that ends it, whose place it returns, or end. NULL: malformed.
 */
static inline const char *read_member(struct member *m, const char *p, const char *end)
{
    const char *at = p, *key_end = scan_key(p, end);
    const char *equals = scan_ows(key_end, end);
    if (key_end == at || equals == end || *equals != '=')
        return NULL;
    const char *value = scan_ows(equals + 1, end), *value_end = scan_value(value, end);
    p = value_end;
    if (value == value_end) /* white space after an empty value is no part of the member */
        value = value_end = equals + 1;
    if (value_end - at > UINT16_MAX)
        return NULL;

    m->at = at;
    m->key_len = (uint16_t)(key_end - at);
    m->value_at = (uint16_t)(value - at);
    m->value_len = (uint16_t)(value_end - value);
    m->len = m->meta_at = (uint16_t)(value_end - at);
    m->wire_len = (uint16_t)(m->key_len + 1 + m->value_len);
    if (p != end && *p != ',') {
        p = read_properties(m, p, end);
        if (!p || (p != end && *p != ','))
            return NULL;
    }
    m->tidy = m->wire_len == m->len;
    return p;
}

/* The place of the next comma, or end. */
static const char *skip_element(const char *p, const char *end)
{
    const char *comma = memchr(p, ',', (size_t)(end - p));
    return comma ? comma : end;
}

/* The first byte that is not white space or comma (STANDARD D15), or end. */
static inline const char *skip_empty(const char *p, const char *end)
{
    while (p != end && (*p == ',' || octet_is(*p, OCTET_OWS)))
        p++;
    return p;
}

/* How much of a line may be looked at: whole elements only, a cut one would be another member. */
static size_t admit(struct baggage *b, struct span line)
{
    const size_t room = LIMIT_RAW - b->raw;
    if (line.len <= room) {
        b->raw += (uint32_t)line.len;
        return line.len;
    }
    b->raw = LIMIT_RAW;
    b->dropped++;
    const char *comma = memrchr(line.at, ',', room + 1);
    return comma ? (size_t)(comma - line.at) : 0;
}

/* Reads one element into the next free member, and keeps it if it is sound and fits. */
static inline const char *read_element(struct baggage *b, const char *p, const char *end,
                                       bool joined)
{
    struct member *m = &b->member[b->count];
    const char *after = read_member(m, p, end);
    if (!after) {
        b->dropped++;
        b->malformed++;
        return skip_element(p, end);
    }
    m->joined = joined;
    const uint32_t bytes = b->bytes + (b->count > 0) + m->wire_len;
    if (bytes > LIMIT_LIST) {
        b->dropped++;
        return after;
    }
    b->bytes = bytes;
    b->count++;
    return after;
}

void baggage_parse(struct baggage *b, struct span line)
{
    const size_t len = admit(b, line);
    if (len == 0)
        return;
    const char *p = line.at, *end = p + len;
    while ((p = skip_empty(p, end)) != end) {
        if (b->count < LIMIT_MEMBERS) {
            const bool joined = p != line.at && p[-1] == ',';
            p = read_element(b, p, end, joined);
        } else {
            b->dropped++;
            b->too_many++;
            p = skip_element(p, end);
        }
    }
}
