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

/* What became of an offer. */
enum session_result {
    SESSION_TOOK,   /* so many of its bytes, one at least */
    SESSION_AGAIN,  /* nothing yet, and it must be the same the next time */
    SESSION_FAILED, /* nothing, and nothing of it is kept */
};

/* How a call writes. */
struct session_way {
    enum session_result (*emit)(void *arg, const void *data, size_t len, size_t *taken);
    void *arg;
    bool
        may_split; /* the library's call may take less than it is given, and so may the program's */
    bool moving;   /* the program may offer the same bytes again at another place */
    bool given;    /* the bytes are from malloc, and the session's from now on: the program makes
                      them anew when it calls again */
    size_t record; /* the most that one emit is given, and what the library refused it keeps and
                      goes on with, whatever it is given then, (NULL, 0) say: GnuTLS's way. The
                      program's bytes are no more than that either. 0: anything */
};

/* A new client session of this library. NULL: no memory, or no room. */
struct session *session_new(enum count_carrier carrier);
void session_free(struct session *s);

/* A new session of a server, on which requests are received; nothing is put into what it sends.
 * NULL: no memory. */
struct session *session_new_served(void);
bool session_is_served(const struct session *s);

/* Received by a server's session, which goes over the inbound connection `beneath`
 * (carrier/inlet.h; 0: not known). */
void session_asked(struct session *s, uint64_t beneath, const void *data, size_t len);

/* Sent by it. NULL: it was not seen what; 0: nor how much. */
void session_answered(struct session *s, const void *data, size_t len);

/* Writes the program's bytes. True: `*taken` of them were taken. False: the last emit failed, and
 * so shall the program's call; called again with the same bytes, it goes on. */
bool session_send(struct session *s, const void *data, size_t len, const struct session_way *way,
                  size_t *taken);

/* As the stream_ functions of the same names. */
void session_received(struct session *s, const void *data, size_t len);
void session_skipped(struct session *s, size_t len);
void session_give_up(struct session *s);

/* Nothing of ours goes into it any more, which may be found in session_send, too. It stays in
 * memory until session_free, as another thread may be reading. */
void session_end(struct session *s);
bool session_is_over(const struct session *s);

/* True if the last call failed and goes on with the next. */
bool session_is_retry(const struct session *s);

/* The most bytes of ours that one request of the calling thread gets now. */
size_t session_most_ours(void);

/* Bits that a hook may keep with a session. */
unsigned *session_notes(struct session *s);

#endif
