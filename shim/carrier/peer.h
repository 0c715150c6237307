/* The numeric address at the other end of a connection. */
#ifndef BELLHOP_CARRIER_PEER_H
#define BELLHOP_CARRIER_PEER_H

#include <stdint.h>
#include <sys/socket.h>

#include "base/buf.h"

struct peer {
    uint8_t family; /* AF_INET, AF_INET6, AF_UNIX or 0: unknown */
    uint16_t port;
    unsigned char address[16];
};

#define PEER_TEXT_MAX 46

/* Out of what connect() is given; an address that is too short is unknown. */
void peer_from(struct peer *p, const struct sockaddr *address, socklen_t len);

/* Its address as text, without [] and port; nothing for what has none. */
void peer_text(const struct peer *p, struct buf *out);

#endif
