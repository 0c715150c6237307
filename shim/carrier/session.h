/* A TLS session as a stream: what a program writes into it, and the rules for writing it again.
 *
 * When TLS could not write, it must be given the very same bytes again, at the same place unless
 * the program allows otherwise, while the program knows only its own bytes. So an offer that was
 * refused stays in the air, in memory of ours if something of ours is in it, until it is taken.
 * Allocates: TLS functions do not run in signal handlers. */
#ifndef BELLHOP_CARRIER_SESSION_H
#define BELLHOP_CARRIER_SESSION_H

#include "carrier/stream.h"

struct session;

/* How one call writes: returns true and how many bytes were taken, or false. */
typedef bool session_emit(void *arg, const void *data, size_t len, size_t *taken);

/* A new client session. NULL: no memory, or no room. */
struct session *session_new(void);
void session_free(struct session *s);

/* Writes the program's bytes. True: `*taken` of them were taken. False: the last emit failed, and
 * so shall the program's call; called again with the same bytes (or with NULL and 0, which is
 * GnuTLS's way to say so), it goes on. `may_split`: the library's call may take less than it is
 * given. `record` is the most that one emit should be given; 0: anything. */
bool session_send(struct session *s, const void *data, size_t len, bool may_split, size_t record,
                  session_emit *emit, void *arg, size_t *taken);

/* As the stream_ functions of the same names. */
void session_received(struct session *s, const void *data, size_t len);
void session_skipped(struct session *s, size_t len);
void session_give_up(struct session *s);
bool session_is_opaque(const struct session *s);

#endif
