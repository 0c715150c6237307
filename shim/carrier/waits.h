/* What a thread waits for: whether the descriptors of a call, or of an epoll set, hold listeners
 * and inbound connections (DESIGN.md 5, R1 and R3). */
#ifndef BELLHOP_CARRIER_WAITS_H
#define BELLHOP_CARRIER_WAITS_H

#include "base/fdtable.h"
#include "context/whose.h"

/* Collected over the descriptors of one wait. Zeroed: nothing. */
struct holding {
    bool listens;
    bool many;
    uint64_t one; /* the inbound connection, unless there are many */
};

/* Adds what the table knows of a descriptor; of an epoll set, what it holds. */
void holding_add(struct holding *h, fd_entry entry);

/* It cannot be told what else it holds. */
static inline void holding_doubt(struct holding *h)
{
    h->many = true;
}

/* What whose_waits is to be told; *one with WAIT_ONE. */
enum wait_holds holding_kind(const struct holding *h, whose_name *one);

/* A new epoll set with one name; 0: there is no room. */
uint64_t waits_open(void);
bool waits_share(uint64_t name);
void waits_drop(uint64_t name);

/* A descriptor was put into a set, or taken out. Connections that are closed leave by themselves.
 */
void waits_add(uint64_t name, fd_entry entry);
void waits_remove(uint64_t name, fd_entry entry);

/* A descriptor that the table did not know turned out to accept connections, so that sets with
 * unknown ones may hold it. */
void waits_found_listener(void);

#endif
