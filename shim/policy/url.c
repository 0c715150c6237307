/* Host and port out of URLs and authorities. What libcurl, a resolver and a server might read in
 * different ways is refused here: the caller then sends nothing where rules exist (P8). */
#include "policy/host_match.h"

/* What may stand in a host name: ASCII names, and the bytes of names that are not ASCII. Percent
 * signs are left out: libcurl decodes them, since 7.86 or so. */
static bool is_host(struct span name)
{
    size_t part = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool high = (unsigned char)c >= 0x80;
        if (c == '.' ? part == 0 : !high && !host_is_plain(span_make(&c, 1)))
            return false;
        part = c == '.' ? 0 : part + 1;
    }
    return part > 0;
}

static bool take_port(struct span text, uint16_t default_port, struct target *out)
{
    unsigned long port = default_port;
    if (text.len && (!span_uint(text, 65535, &port) || port == 0))
        return false;
    out->port = (uint16_t)port;
    return true;
}

/* A zone is no part of the address; RFC 6874 writes %25 before it, people and libcurl a bare %. */
static bool split_v6(struct span inner, struct target *out)
{
    struct span zone;
    struct address unused;
    out->host = span_cut(inner, '%', &zone);
    if (zone.at && (zone.len == 0 || !host_is_plain(zone)))
        return false;
    return memchr(out->host.at, ':', out->host.len) && address_parse(out->host, &unused);
}

bool authority_split(struct span authority, uint16_t default_port, struct target *out)
{
    struct span rest;
    struct target found = { 0 };
    if (authority.len == 0)
        return false;
    if (authority.at[0] == '[') {
        struct span inner = span_cut(span_make(authority.at + 1, authority.len - 1), ']', &rest);
        if (!rest.at || !inner.len || !split_v6(inner, &found) || (rest.len && rest.at[0] != ':'))
            return false;
        if (rest.len)
            rest = span_make(rest.at + 1, rest.len - 1);
    } else {
        struct address numeric;
        found.host = span_cut(authority, ':', &rest);
        bool dotted = found.host.len > 1 && found.host.at[found.host.len - 1] == '.';
        found.host.len -= dotted;
        /* "127.0.0.1." is an address to some and a name to others. */
        if (!is_host(found.host) || (dotted && address_parse(found.host, &numeric)))
            return false;
    }
    if (!take_port(rest, default_port, &found))
        return false;
    *out = found;
    return true;
}

static const struct {
    struct span prefix;
    uint16_t port;
} schemes[] = {
    { { "http://", 7 }, 80 },
    { { "https://", 8 }, 443 },
    { { "ws://", 5 }, 80 },
    { { "wss://", 6 }, 443 },
};

static struct span authority_of(struct span s)
{
    size_t len = 0;
    while (len < s.len && s.at[len] != '/' && s.at[len] != '?' && s.at[len] != '#')
        len++;
    return span_make(s.at, len);
}

/* With a second @ or a backslash in it, readers disagree about where the host begins. */
static bool skip_userinfo(struct span *authority)
{
    struct span rest;
    struct span user = span_cut(*authority, '@', &rest);
    if (!rest.at)
        return true;
    *authority = rest;
    return !(user.len && memchr(user.at, '\\', user.len)) &&
           !(rest.len && memchr(rest.at, '@', rest.len));
}

bool url_split(struct span url, struct target *out)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t len = schemes[i].prefix.len;
        if (url.len <= len || !span_equal_nocase(span_make(url.at, len), schemes[i].prefix))
            continue;
        struct span authority = authority_of(span_make(url.at + len, url.len - len));
        return skip_userinfo(&authority) && authority_split(authority, schemes[i].port, out);
    }
    return false;
}

bool url_split_bare(struct span url, struct target *out)
{
    struct span authority = authority_of(url);
    if (authority.len && authority.at[authority.len - 1] == ':')
        return false; /* "http:/..." has a scheme; "host:" libcurl refuses */
    return skip_userinfo(&authority) && authority_split(authority, 0, out);
}
