/* Reading host patterns, and saying in words what is wrong with one. */
#include "policy/draft.h"
#include "policy/host_match.h"

static const char fault_empty[] = "is empty";
static const char fault_url[] = "is a URL; write the host alone, as in \"api.example.com:8080\"";
static const char fault_port[] = "has a port that is no number from 1 to 65535";
static const char fault_star[] =
    "has a * in the wrong place; \"*\" and \"*.example.com\" are the two forms";
static const char fault_ascii[] = "has letters outside ASCII; write the name in its xn-- form";
static const char fault_name[] = "is neither a host name nor an address";
static const char fault_long[] = "is longer than a host name can be (253 characters)";
static const char fault_number[] = "looks like an IPv4 address, but is not of the form 192.0.2.1";
static const char fault_bits[] = "has a prefix length that is too long or no number";
static const char fault_host[] = "has bits set after its prefix; write the network's first address";
static const char fault_not_net[] = "has a prefix length after something that is no address";
static const char fault_bracket[] = "has brackets that do not enclose an IPv6 address";
static const char fault_dots[] = "has a dot too many";

static bool has(struct span s, char c)
{
    return s.len && memchr(s.at, c, s.len);
}

static const char *parse_port(struct span text, struct host_pattern *out)
{
    unsigned long port;
    if (!span_uint(text, 65535, &port) || port == 0)
        return fault_port;
    out->port = (uint16_t)port;
    return NULL;
}

/* "address" or "address/bits". */
static const char *parse_net(struct span text, struct host_pattern *out)
{
    struct span bits;
    struct span base = span_cut(text, '/', &bits);
    if (!address_parse_strict(base, &out->net))
        return bits.at ? fault_not_net : fault_name;
    /* A mapped address in IPv6 spelling counts its bits from the left of all 128. */
    unsigned first = has(base, ':') ? 0 : ADDRESS_V4_BITS;
    unsigned long count = 128 - first;
    if (bits.at && !span_uint(bits, count, &count))
        return fault_bits;
    out->kind = HOST_NET;
    out->bits = (uint8_t)(first + count);
    if (!address_is_net(&out->net, out->bits))
        return fault_host;
    /* A host like 0.0.0.0 is read as the loopback address: so is a pattern for it alone. */
    if (out->bits == 128)
        address_parse(base, &out->net);
    return NULL;
}

static bool is_numeric_part(struct span s)
{
    if (s.len > 1 && s.at[0] == '0' && (s.at[1] | 0x20) == 'x')
        return true;
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    return s.len > 0;
}

static bool ends_in_number(struct span name)
{
    struct span rest = name, part;
    do
        part = span_cut(rest, '.', &rest);
    while (rest.at);
    return is_numeric_part(part);
}

static const char *name_fault(struct span name)
{
    if (has(name, '*'))
        return fault_star;
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] >= 0x80)
            return fault_ascii;
    if (name.len > 253)
        return fault_long;
    if (!host_is_plain(name))
        return has(name, '.') && (name.at[0] == '.' || name.at[name.len - 1] == '.') ? fault_dots
                                                                                     : fault_name;
    return ends_in_number(name) ? fault_number : NULL;
}

static const char *parse_name(struct span name, struct host_pattern *out)
{
    if (span_equal(name, SPAN("*"))) {
        out->kind = HOST_ANY;
        return NULL;
    }
    bool wild = span_starts(name, SPAN("*."));
    struct span plain = wild ? span_make(name.at + 2, name.len - 2) : name;
    if (plain.len > 1 && plain.at[plain.len - 1] == '.')
        plain.len--;
    const char *fault = name_fault(plain);
    if (fault)
        return fault;
    out->kind = wild ? HOST_SUFFIX : HOST_NAME;
    out->name = plain.at - wild; /* with its dot */
    out->len = (uint32_t)plain.len + wild;
    out->hash = host_hash(span_make(out->name, out->len));
    return NULL;
}

static const char *parse_brackets(struct span text, struct host_pattern *out)
{
    struct span rest;
    struct span inner = span_cut(span_make(text.at + 1, text.len - 1), ']', &rest);
    if (!rest.at || !has(inner, ':') || parse_net(inner, out) == fault_name)
        return fault_bracket;
    const char *fault = parse_net(inner, out);
    if (fault || rest.len == 0)
        return fault;
    return rest.at[0] == ':' ? parse_port(span_make(rest.at + 1, rest.len - 1), out)
                             : fault_bracket;
}

const char *host_pattern_parse(struct span text, struct host_pattern *out)
{
    memset(out, 0, sizeof *out);
    if (text.len == 0)
        return fault_empty;
    if (text.at[0] == '[')
        return parse_brackets(text, out);
    struct span after;
    struct span host = span_cut(text, ':', &after);
    if (span_starts(after, SPAN("//")))
        return fault_url;
    if (has(after, ':')) /* IPv6 without brackets has no port */
        return parse_net(text, out);
    struct address v4;
    struct span bits;
    const char *fault = has(host, '/') || address_parse_strict(span_cut(host, '/', &bits), &v4)
                            ? parse_net(host, out)
                            : parse_name(host, out);
    return fault || !after.at ? fault : parse_port(after, out);
}

const char *policy_host_fault(struct span pattern)
{
    struct host_pattern unused;
    return host_pattern_parse(pattern, &unused);
}
