/* An inlet: what is known of one inbound connection, in both directions, shared by all descriptors
 * that name it (or beside a server's TLS session). Requests that are read on it begin, and end when
 * they are answered; the thread that calls is told of to the rules (context/whose.h). Nothing is
 * ever put into it. As in stream.h, nobody waits: who finds another call under way on the same side
 * gives up what can be known there. */
#ifndef BELLHOP_CARRIER_INLET_H
#define BELLHOP_CARRIER_INLET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "carrier/peer.h"

/* Room for so many; false: no memory. */
bool inlet_reserve(size_t count);

/* The name of those that there was no room for. */
#define INLET_UNKNOWN ((uint64_t)1)

/* A new inbound connection, with one name; 0: there is no room. `beneath`: the connection that this
 * one, a TLS session, goes over, by which the rules know it; 0: it is one itself. */
uint64_t inlet_open(uint64_t beneath);

/* Who is at the other end of a new one, and the port that it came to, where policy asks for that.
 */
void inlet_met(uint64_t name, const struct peer *peer, uint16_t port);

bool inlet_share(uint64_t name);
void inlet_drop(uint64_t name);
bool inlet_is_open(uint64_t name);

/* The calling thread received bytes; `iov` NULL: they were not seen. */
void inlet_received(uint64_t name, const struct iovec *iov, size_t count, size_t bytes);

/* There was nothing to receive (EAGAIN). */
void inlet_idle(uint64_t name);

/* The calling thread sent bytes. */
void inlet_sent(uint64_t name, const struct iovec *iov, size_t count, size_t bytes);

/* Nothing more will be sent (shutdown). */
void inlet_ended(uint64_t name);

/* That it is an inbound connection is a guess, since nobody saw how it was made; `is_socket`: what
 * it is at all is not. */
void inlet_guess(uint64_t name, bool is_socket);

/* Something is about to be sent: true if it is an outbound connection then, as nothing came before.
 */
bool inlet_turns(uint64_t name, bool is_socket);

/* Answers that are not seen may be sent on it. */
void inlet_unheard(uint64_t name);

/* The set that waits for it (0: none), which is told when it goes. */
uint64_t inlet_swap_set(uint64_t name, uint64_t set);
extern void (*inlet_leaves_set)(uint64_t name, uint64_t set);

#endif
