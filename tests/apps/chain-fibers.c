/* B as fibers (ucontext) over non-blocking sockets: chain-fibers PORT C-PORT. Two scheduler threads
 * run them and wait for nothing but their queues; a third thread polls for all. A fiber gives way
 * after it has read its request, before it asks C, so that others run on its thread in between.
 * One fiber a scheduler asks C on its own. */
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <ucontext.h>

#include "chain-ask.h"

enum { SCHEDULERS = 2, STACK = 131072 };

struct scheduler;

struct fiber {
    ucontext_t context;
    struct scheduler *home;
    struct chain_conn *conn;
    bool housekeeping, over;
    struct fiber *next;
};

struct scheduler {
    pthread_mutex_t lock;
    pthread_cond_t ready;
    struct fiber *first, **last;
    ucontext_t context;
};

static struct scheduler schedulers[SCHEDULERS];
static int epoll;

static void make_ready(struct fiber *f)
{
    struct scheduler *s = f->home;
    pthread_mutex_lock(&s->lock);
    f->next = NULL;
    *s->last = f;
    s->last = &f->next;
    pthread_cond_signal(&s->ready);
    pthread_mutex_unlock(&s->lock);
}

/* A fiber stays with one thread. */
static _Thread_local struct fiber *running;

static void leave(void)
{
    struct fiber *f = running;
    swapcontext(&f->context, &f->home->context);
}

/* It is put behind the others by its scheduler, once it has left. */
static _Thread_local bool again;
static _Thread_local int park_fd;
static _Thread_local uint32_t park_for;

static void give_way(void)
{
    again = true;
    leave();
}

static void park(int fd, uint32_t events)
{
    park_fd = fd;
    park_for = events;
    leave();
}

static bool fiber_fill(struct chain_conn *c)
{
    while (c->used < CHAIN_ROOM) {
        errno = 0;
        if (chain_fill(c))
            return true;
        if (errno != EAGAIN)
            return false;
        park(c->fd, EPOLLIN);
    }
    return false;
}

static bool fiber_head(struct chain_conn *c, struct chain_request *r)
{
    while (!chain_head(c, r)) {
        if (!fiber_fill(c))
            return false;
    }
    return r->path[0];
}

static ssize_t fiber_ask(const char *path, char *answer, size_t room)
{
    struct sockaddr_in addr = chain_address(chain_c_port);
    struct chain_client *client = chain_client_new();
    struct chain_request head = { 0 };
    ssize_t got = -1;
    client->conn.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect(client->conn.fd, (void *)&addr, sizeof addr) && errno == EINPROGRESS)
        park(client->conn.fd, EPOLLOUT);
    if (chain_send_ask(client, path) && fiber_head(&client->conn, &head) && head.length < room) {
        while (client->conn.used < head.length && fiber_fill(&client->conn))
            ;
        got = (ssize_t)head.length;
        memcpy(answer, client->conn.buf, head.length);
    }
    close(client->conn.fd);
    free(client);
    return got;
}

static void serve(struct chain_conn *conn)
{
    struct chain_request r;
    char answer[1024];
    while (fiber_head(conn, &r)) {
        give_way();
        ssize_t n = fiber_ask(r.path, answer, sizeof answer);
        if (n < 0 || !chain_reply(conn->fd, &r, answer, (size_t)n) || !r.keep)
            break;
    }
    close(conn->fd);
    free(conn);
}

static void fiber_main(void)
{
    char answer[1024];
    while (running->housekeeping) {
        fiber_ask("/own/fiber", answer, sizeof answer);
        for (int i = 0; i < 20; i++)
            give_way();
        usleep(200);
    }
    serve(running->conn);
    running->over = true;
    leave();
}

static void start_fiber(struct scheduler *home, struct chain_conn *conn)
{
    struct fiber *f = calloc(1, sizeof *f);
    if (!f)
        exit(1);
    getcontext(&f->context);
    f->context.uc_stack.ss_sp = malloc(STACK);
    f->context.uc_stack.ss_size = STACK;
    f->home = home;
    f->conn = conn;
    f->housekeeping = !conn;
    makecontext(&f->context, fiber_main, 0);
    make_ready(f);
}

static struct fiber *next_of(struct scheduler *s)
{
    pthread_mutex_lock(&s->lock);
    while (!s->first)
        pthread_cond_wait(&s->ready, &s->lock);
    struct fiber *f = s->first;
    s->first = f->next;
    if (!s->first)
        s->last = &s->first;
    pthread_mutex_unlock(&s->lock);
    return f;
}

/* Only after a fiber has left may another thread make it ready. */
static void settle(struct fiber *f)
{
    struct epoll_event event = { .events = park_for | EPOLLONESHOT, .data.ptr = f };
    if (f->over) {
        free(f->context.uc_stack.ss_sp);
        free(f);
    } else if (again) {
        make_ready(f);
    } else if (epoll_ctl(epoll, EPOLL_CTL_MOD, park_fd, &event)) {
        epoll_ctl(epoll, EPOLL_CTL_ADD, park_fd, &event);
    }
}

static void *schedule(void *arg)
{
    struct scheduler *s = arg;
    start_fiber(s, NULL);
    for (;;) {
        struct fiber *f = next_of(s);
        running = f;
        again = false;
        swapcontext(&s->context, &f->context);
        settle(f);
    }
    return NULL;
}

static void *poller(void *arg)
{
    struct epoll_event events[64];
    for (;;) {
        int n = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < n; i++)
            make_ready(events[i].data.ptr);
    }
    return arg;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    chain_c_port = atoi(argv[2]);
    epoll = epoll_create1(0);
    for (int i = 0; i < SCHEDULERS; i++) {
        struct scheduler *s = &schedulers[i];
        pthread_mutex_init(&s->lock, NULL);
        pthread_cond_init(&s->ready, NULL);
        s->last = &s->first;
        chain_start(schedule, s);
    }
    chain_start(poller, NULL);
    int listener = chain_listen(argv[1]);
    for (unsigned i = 0;; i++) {
        struct chain_conn *conn = calloc(1, sizeof *conn);
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (!conn || fd < 0)
            exit(1);
        conn->fd = fd;
        start_fiber(&schedulers[i % SCHEDULERS], conn);
    }
}
