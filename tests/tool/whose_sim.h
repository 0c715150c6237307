/* Simulated programs, which know for each piece of work the request that it is done for. What they
 * do goes through the calls below, which tell the rules (context/whose.h) what hooks would tell.
 *
 * A task is a piece of straight-line code (a coroutine) on a worker, that is, a thread; a fiber is
 * a task that changes workers. Between any two calls another task may go on. The other sides of
 * all connections send and answer on their own, at random. */
#ifndef BELLHOP_TESTS_TOOL_WHOSE_SIM_H
#define BELLHOP_TESTS_TOOL_WHOSE_SIM_H

#include <stdio.h>

#include "context/whose_outlets.h"

int whose_simulate(int argc, char **argv);
int whose_race(void);

/* --- tasks (whose_tasks.c) --- */

typedef void task_run(void *arg);
typedef bool task_ready(void *arg);
uint64_t chance_bits(void);
unsigned below(unsigned n); /* 0 .. n - 1 */
bool once_in(unsigned n);   /* true one time in n */
void chance_seed(uint64_t seed);
void tasks_clear(void);
void tasks_end_others(void);     /* as in the child of a fork */
bool tasks_step(void);           /* one goes on for a while; false: none can */
struct worker *worker_new(void); /* a thread of which nothing is known */
unsigned worker_number(const struct worker *w);
bool spawn(task_run *run, void *arg, struct worker *on); /* on NULL: a fiber; false: no room */
void carriers_add(struct worker *w);                     /* runs fibers */
struct worker *me(void);                  /* the worker that the running task is on */
void let_others(void);                    /* the task may be interrupted here */
void until(task_ready *ready, void *arg); /* it blocks; a fiber keeps its worker */
void park(task_ready *ready, void *arg);  /* a fiber leaves its worker to others */

/* --- connections (whose_net.c) --- */

struct request {
    whose_name name;
    struct conn *conn;
    const struct worker *reader; /* of its head's end */
    struct request *next;        /* on the connection */
    unsigned body;               /* parts not read yet */
    bool alive, begun;           /* its answer has */
};

struct conn {
    whose_name name;
    struct request *front, *taken, *last; /* unanswered, not handled yet, newest */
    unsigned char part[16];               /* what came, from `first` on */
    unsigned first, here;
    unsigned head, body; /* parts of the coming request, to be sent */
    unsigned unsent;     /* requests that the client still wants to send */
    unsigned waiting;    /* for the answers to so many */
    bool open, hung_up, pipelines;
    void *data; /* the program's */
};

struct outlet {
    struct outlet_mark mark;
    unsigned outstanding; /* answers that were not read to their end, */
    unsigned coming;      /* and of these, that are still being sent */
    bool ends[16]; /* parts that can be read, from `first` on: whether an answer ends there */
    unsigned first, here;
    bool open, counted;
    bool whole; /* an answer is one part */
    void *data;
};

/* How the clients behave; a class sets it before it runs. */
extern struct manners {
    unsigned connections; /* at once */
    unsigned requests;    /* at most on one */
    bool pipelines, aborts, bodies;
} manners;

void net_clear(void);
void net_step(void); /* something happens outside */

bool has_pending(void *unused); /* a connection to be accepted */
bool has_input(void *conn);     /* or its end */
bool has_answer(void *outlet);

struct conn *net_accept(bool blocks); /* NULL: nobody there */
enum net { NET_END, NET_AGAIN, NET_DATA };
enum net net_read(struct conn *c, bool blocks);
void net_close(struct conn *c);           /* ends its requests */
struct request *net_take(struct conn *c); /* the next whose head is complete */
void net_begin(struct request *r);        /* the answer */
void net_finish(struct request *r);

struct outlet *net_outlet(bool counted); /* NULL: no room */
void net_connect(struct outlet *o);
void net_drop(struct outlet *o);
void net_send(struct outlet *o, const struct request *truth); /* NULL: for nobody */
unsigned net_hear(struct outlet *o); /* blocks; answers that are complete, also if it is dropped */

/* Waiting. A set holds what it is told to; the outbound ones do not matter to the rules. */
struct set {
    struct conn *conn[32];
    unsigned conns;
    bool listening;
    bool selects; /* it is not kept, but told at each wait */
};
void set_add(struct set *s, struct conn *c); /* as epoll_ctl does, or nobody */
void set_remove(struct set *s, struct conn *c);
bool set_ready(void *set); /* something that it holds is */
bool never(void *unused);
void net_wait(struct set *s, task_ready *more, void *arg);  /* until one is ready, or `more` */
void net_poll(struct conn *c, task_ready *more, void *arg); /* that one alone */
void net_poll_listener(void);
void net_sleep(task_ready *more, void *arg); /* on what says nothing */

/* --- what was found (whose_sim.c) --- */

void trace(const char *verb, const char *kind, uint64_t name, uint64_t also);
void judge(struct whose got, const struct request *truth);

#endif
