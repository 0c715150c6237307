/* The processes of the book: by pid, from the day that they attach until the kernel says that they
 * have ended. */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/agent_book.h"
#include "cli/agent_journal.h"
#include "cli/agent_metrics.h"
#include "cli/agent_pages.h"
#include "cli/proc.h"

#define CHAINS    4096
#define ANCESTORS 32
#define PROCESSES (1 << 20)
#define OLD_MS    1000

static struct process *chains[CHAINS];
static size_t known;

static struct process **chain_of(pid_t pid)
{
    return &chains[(unsigned)pid % CHAINS];
}

struct process *book_find(pid_t pid)
{
    struct process *p = *chain_of(pid);
    while (p && p->pid != pid)
        p = p->next;
    return p;
}

size_t book_count(void)
{
    return known;
}

void book_each(bool (*each)(struct process *p, void *arg), void *arg)
{
    for (size_t i = 0; i < CHAINS; i++) {
        struct process *next;
        for (struct process *p = chains[i]; p; p = next) {
            next = p->next;
            if (!each(p, arg))
                return;
        }
    }
}

struct told_page *book_told(void *pages)
{
    return (struct told_page *)((char *)pages + PAGES_ORDERS);
}

static void unmap(void *pages)
{
    if (!pages)
        return;
    metrics_depart(book_told(pages));
    munmap(pages, PAGES_PROCESS);
}

void book_tidy_pages(struct process *p, int64_t now)
{
    if (!p->old_pages || now < p->old_until)
        return;
    unmap(p->old_pages);
    p->old_pages = NULL;
}

static void release(struct process *p)
{
    unmap(p->old_pages);
    unmap(p->orders);
    for (unsigned i = 0; i < p->threads; i++)
        free(p->thread[i].members);
    free(p->members);
    free(p->exe);
    free(p);
}

static void end(struct process *p)
{
    struct process **at = chain_of(p->pid);
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    known--;
    loop_remove(p->pidfd);
    close(p->pidfd);
    release(p);
}

static void ended(struct source *s, uint32_t events)
{
    (void)events;
    end((struct process *)s);
}

static char *copy_of(const char *text)
{
    return text ? strdup(text) : NULL;
}

/* As it would have its parent's environment. Whatever stands between them (a subshell) never
 * attached. */
static void inherit(struct process *p, const struct proc_stat *own)
{
    struct proc_stat stat = *own;
    for (int i = 0; i < ANCESTORS && stat.parent > 1; i++) {
        struct process *parent = book_find(stat.parent);
        if (parent && parent->uid == p->uid) {
            p->members = copy_of(parent->members);
            p->off = parent->off;
            return;
        }
        if (!proc_stat(stat.parent, 0, &stat))
            return;
    }
}

/* What runs in it now. */
static bool look_at_program(struct process *p)
{
    char exe[LIMIT_PATH];
    proc_exe(p->pid, exe, sizeof exe);
    char *kept = strdup(exe);
    if (!kept)
        return false;
    free(p->exe);
    p->exe = kept;
    return true;
}

static struct process *make(pid_t pid, uid_t uid, const struct proc_stat *stat)
{
    struct process *p = known < PROCESSES ? calloc(1, sizeof *p) : NULL;
    if (!p)
        return NULL;
    *p = (struct process){ .source = { ended }, .pid = pid, .uid = uid, .start = stat->start };
    p->since = loop_now();
    p->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (p->pidfd < 0 || !look_at_program(p) || !loop_add(p->pidfd, EPOLLIN, &p->source)) {
        if (p->pidfd >= 0)
            close(p->pidfd);
        release(p);
        return NULL;
    }
    p->next = *chain_of(pid);
    *chain_of(pid) = p;
    known++;
    inherit(p, stat);
    return p;
}

struct process *book_enter(pid_t pid, uid_t uid, uint64_t start)
{
    struct proc_stat stat;
    struct process *p = book_find(pid);
    if (!proc_stat(pid, 0, &stat) || (start && stat.start != start))
        return NULL;
    if (p && p->start == stat.start) {
        p->uid = uid;
        return p;
    }
    if (p)
        end(p); /* another one of that number, whose end is yet to be told */
    return make(pid, uid, &stat);
}

/* A process that attaches again moves its counters to the new page when it has that; one that runs
 * another program does not. What is left in the old page a little later is over. */
static bool map(struct process *p, int *fd)
{
    void *at;
    *fd = pages_make(PAGES_PROCESS, false, &at);
    if (*fd < 0)
        return false;
    unmap(p->old_pages);
    p->old_pages = p->orders;
    p->old_until = loop_now() + OLD_MS;
    p->orders = at;
    p->told = book_told(at);
    /* Pages that nobody touches need no memory: the rest is zero as it comes. */
    p->orders->version = PAGES_VERSION;
    p->orders->magic = PAGES_MAGIC;
    p->told->version = PAGES_VERSION;
    p->told->magic = PAGES_MAGIC;
    return true;
}

bool book_attach(struct process *p, int *fd)
{
    if (!look_at_program(p) || !map(p, fd))
        return false;
    p->since = loop_now();
    book_publish(p);
    journal_process(p);
    return true;
}
