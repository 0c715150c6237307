/* What the simulated programs share. */
#ifndef BELLHOP_TESTS_TOOL_WHOSE_PROGRAMS_H
#define BELLHOP_TESTS_TOOL_WHOSE_PROGRAMS_H

#include "whose_sim.h"

/* How a program is written; drawn for each. */
extern struct style {
    bool polls;      /* before it reads */
    bool refuses;    /* its connections do not block */
    bool keeps;      /* outbound connections, for the next call */
    bool spares;     /* connects one more at times, for whoever comes */
    bool watches;    /* whether its client hangs up */
    bool helpers;    /* threads made by a request */
    bool races;      /* several connects, several calls at once */
    bool after;      /* goes on when the answer is out */
    bool uncounted;  /* what it calls does not speak HTTP */
    bool background; /* has threads that work for nobody */
    bool forks;      /* a request may start a child */
} style;
void style_draw(void); /* and the clients' manners */

struct outlet *outlet_get(void); /* connected; NULL: no room */
void outlet_put(struct outlet *o);
void call(const struct request *r, struct conn *watched); /* a blocking call for it */
void handle(struct request *r);                           /* calls, as many as it likes */
bool read_more(struct conn *c);                           /* false: it ended */
bool serve_one(struct conn *c);                           /* false: it is closed */
void serve(void *conn);
void background(void *unused);
bool is_front(void *request); /* or is over */

/* Between threads, without an event. */
enum { FIFO_ROOM = 128 };
struct fifo {
    void *item[FIFO_ROOM];
    unsigned first, count;
};
bool fifo_holds(void *fifo);
void fifo_put(struct fifo *f, void *item); /* what does not fit is lost */
void *fifo_get(struct fifo *f);            /* NULL: empty */

void start_threads(void), start_prefork(void), start_accepting_pool(void), start_forking(void);
void start_cgi(void), start_turns(void);
void start_pool(void), start_pool_completing(void), start_readers(void), start_parallel(void);
void start_followers(void), start_staged(void), start_shared(void), start_continuing(void);
void start_shared_reader(void), start_continuing_reader(void), start_continuing_passing(void);
void start_loop(void), start_loop_optimistic(void), start_loops(void), start_loop_small(void);
void start_loops_blind(void), start_selects(void), start_selects_small(void);
void start_nginx(void), start_haproxy(void);
void start_fibers(void), start_fibers_silent(void);

/* All of them (whose_programs.c). */
struct program {
    const char *name;
    void (*start)(void);
    const char *why_not; /* its live share is not checked; NULL: it is */
};
extern const struct program programs[];
extern const unsigned program_count;

#endif
