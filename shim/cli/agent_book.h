/* The agent's book: which processes there are, and what was set for the fleet, for each of them and
 * for their threads. What stands here is written into the pages at once, and kept in the journal.
 */
#ifndef BELLHOP_CLI_AGENT_BOOK_H
#define BELLHOP_CLI_AGENT_BOOK_H

#include <sys/types.h>

#include "base/pages.h"
#include "cli/agent_loop.h"

struct thread {
    pid_t tid; /* 0: free */
    uint64_t start;
    char *members;
};

struct process {
    struct source source; /* its pidfd: it has ended */
    struct process *next; /* of the same hash */
    int pidfd;
    pid_t pid;
    uid_t uid;
    uint64_t start;
    int64_t since;              /* loop_now() when it attached */
    char *exe;                  /* of its program */
    struct orders_page *orders; /* NULL: known from before, and not attached since */
    struct told_page *told;     /* written by the process: not to be believed */
    void *old_pages;            /* of the attachment before, until old_until; NULL: none */
    int64_t old_until;
    bool off;
    char *members; /* NULL: none of its own */
    struct thread thread[PAGES_THREADS];
    unsigned threads; /* entries that may be in use */
};

/* What the process writes, in the pages of an attachment. */
struct told_page *book_told(void *pages);

struct process *book_find(pid_t pid);
size_t book_count(void);

/* Calls `each` for every process, until it returns false; it may end that process. */
void book_each(bool (*each)(struct process *p, void *arg), void *arg);

/* The process with this pid, new if need be, if it runs: NULL: it does not, or no memory or
 * descriptors, or it began at another time than `start` (0: any). */
struct process *book_enter(pid_t pid, uid_t uid, uint64_t start);

/* New pages for a process; *fd is the caller's to hand over. False: none to be had. */
bool book_attach(struct process *p, int *fd);

/* Members of the fleet, a process (t NULL) or a thread. The text is the book's from here on; NULL:
 * none. What it was is freed. Processes see it with book_publish. */
void book_set_fleet(char *members);
void book_set(struct process *p, struct thread *t, char *members);
void book_set_off(struct process *p, bool off);
void book_set_fleet_off(bool off);

const char *book_fleet(void); /* NULL: none */
bool book_fleet_off(void);

/* The entry of a thread of the process, a new one if `make`. NULL, and *error is an enum
 * bellhop_control_error. */
struct thread *book_thread(struct process *p, pid_t tid, bool make, int *error);

/* Writes what is set into the pages of one process; of all. */
void book_publish(struct process *p);
void book_publish_all(void);

/* Settings for all; `name` is for messages. The text is copied. False: it has an error, or is too
 * long, which was said, and nothing is changed. */
bool book_set_settings(const char *name, struct span text);
struct span book_settings(void);

/* Threads that have ended are forgotten, before another one can have their number; so are pages of
 * attachments that are over. */
void book_tidy(void);
void book_tidy_pages(struct process *p, int64_t now);

#endif
