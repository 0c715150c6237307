#include "carrier/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

void peer_from(struct peer *p, const struct sockaddr *address, socklen_t len)
{
    *p = (struct peer){ 0 };
    if (!address || len < sizeof(sa_family_t))
        return;
    if (address->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
        p->port = ntohs(v4->sin_port);
        memcpy(p->address, &v4->sin_addr, 4);
    } else if (address->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
        p->port = ntohs(v6->sin6_port);
        memcpy(p->address, &v6->sin6_addr, 16);
    } else if (address->sa_family != AF_UNIX) {
        return;
    }
    p->family = (uint8_t)address->sa_family;
}

static void put_hex(struct buf *out, unsigned value)
{
    bool begun = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
        unsigned digit = value >> shift & 15;
        begun = begun || digit || shift == 0;
        if (begun)
            buf_putc(out, "0123456789abcdef"[digit]);
    }
}

/* All eight groups: policy compares addresses by value. */
static void put_v6(const unsigned char *a, struct buf *out)
{
    for (int i = 0; i < 16; i += 2) {
        if (i)
            buf_putc(out, ':');
        put_hex(out, (unsigned)a[i] << 8 | a[i + 1]);
    }
}

void peer_text(const struct peer *p, struct buf *out)
{
    if (p->family == AF_INET6) {
        put_v6(p->address, out);
    } else if (p->family == AF_INET) {
        for (int i = 0; i < 4; i++) {
            if (i)
                buf_putc(out, '.');
            buf_putu(out, p->address[i]);
        }
    }
}
