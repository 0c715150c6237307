/* Whose baggage applies: rules R1-R8 of DESIGN.md 5 as logic over events, without system calls. A
 * thread is a struct worker, connections and requests are names that the caller hands out
 * (base/pool.h), and what is remembered of an outbound connection is a struct outlet_mark
 * (whose_outlets.h). An event is told by the thread that it happens in, before the call for waits,
 * connects and writes, and after it for what was read. Beside DESIGN.md, where wrong is worse than
 * missing:
 *   - A thread that finds nothing to read on a connection, and goes on with something else without
 *     waiting itself, is a scheduler's: reading makes nothing live in this process any more.
 *   - The same where another thread begins to answer a request than the one that read it, and where
 *     a thread leaves a living request that it was dedicated to for another connection.
 *   - The same where a thread that is dedicated to a request reads what another living request
 *     waits for. On what cannot be counted, such reading is known by writes between its reads.
 *   - R5 goes before R2 where the current request is less than live: an event loop that writes the
 *     first request on a connection writes it for who connected. A live one is nobody's there, if
 *     who connected is alive: fibers connect on one thread, and write on another.
 *   - Pipelined requests: the connection's first unanswered one is its current one, but less than
 *     live if it was read before the one ahead of it was answered. */
#ifndef BELLHOP_CONTEXT_WHOSE_H
#define BELLHOP_CONTEXT_WHOSE_H

#include <stdatomic.h>
#include <stdint.h>

#include "policy/confidence.h"

/* A name of something; 0: nothing. Names are not used again soon. */
typedef uint64_t whose_name;

/* What the set of descriptors that a thread waits for holds. Others say nothing. */
enum wait_holds {
    WAIT_NOTHING,   /* neither of these */
    WAIT_ONE,       /* one inbound connection, and not by epoll: who keeps a set adds to it */
    WAIT_LISTENING, /* listening descriptors, no inbound connection */
    WAIT_MANY,      /* several inbound connections, or both kinds, or it cannot be told */
};

/* A request, and how sure that is. */
struct whose {
    whose_name request;
    enum confidence confidence; /* NONE, with no request */
};

/* One thread as the rules see it. Zeroed: a thread that nothing is known of. */
struct worker {
    struct whose now;
    whose_name now_on;    /* the connection that the request came by */
    whose_name waited_on; /* with WAIT_ONE */
    whose_name read_on;   /* the connection that it read from last */
    whose_name mine;      /* the last request that it was dedicated to */
    whose_name idle;      /* an inbound connection that had nothing to read; no wait followed yet */
    uint8_t waited;       /* enum wait_holds of its last wait that held anything */
    bool loops;           /* it read a request after a wait for many: it is an event loop's */
};

/* What the rules need to know of requests and connections; given once, before any event. */
struct whose_world {
    bool (*request_is_alive)(whose_name request);
    whose_name (*request_inlet)(whose_name request);   /* the connection that it came by */
    const void *(*request_reader)(whose_name request); /* the thread that read its head */
    bool (*inlet_is_open)(whose_name inlet);
};
void whose_start(const struct whose_world *world);
/* The requests that are alive, for R8. `ended` once for each `begun`. */
void whose_begun(whose_name request);
void whose_ended(whose_name request);

/* Some inbound connection carries what cannot be followed: nobody is known to be sole until it is
 * gone. */
void whose_obscured(void);
void whose_cleared(void);

/* The thread will wait for a set that holds this; `one` with WAIT_ONE. */
void whose_waits(struct worker *w, enum wait_holds holds, whose_name one);

/* It accepts a connection, or tries to: that is a wait, if it blocks. */
void whose_accepts(struct worker *w);

/* It puts an inbound connection into a set that it or others wait for. */
void whose_registers(struct worker *w, whose_name inlet);

/* It read from an inbound connection, whose first unanswered request is now `front` (0: none, or
 * not known). */
void whose_reads(struct worker *w, whose_name inlet, whose_name front);

/* What it read there ended the head of a further request, while one is unanswered. After
 * whose_reads. */
void whose_reads_ahead(struct worker *w);

/* It found nothing to read there, or (WHOSE_NOBODY) nobody to accept. */
#define WHOSE_NOBODY ((whose_name)1)
void whose_idles(struct worker *w, whose_name inlet);

/* It begins to answer a request that the thread `reader` read. */
void whose_answers(struct worker *w, const void *reader);

/* It finished the answer to the connection's first request; `front` is the next one. */
void whose_answered(struct worker *w, whose_name inlet, whose_name front);

/* True if nothing that the thread reads will ever be live. */
bool whose_is_never_live(const struct worker *w);

/* It makes a thread, which begins as `child`. */
void whose_makes(const struct worker *w, struct worker *child);

/* Whose baggage applies to what the thread does now, R8 included. */
struct whose whose_now(struct worker *w);

/* The whole process answers this request, and it lasts (CGI). */
void whose_whole(whose_name request);

/* What was seen of the process is forgotten. For tests. */
void whose_forget(void);

#endif
