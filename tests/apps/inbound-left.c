/* Calls of a server that never come back, by siglongjmp and by cancellation: inbound-left
 * jumps|cancels. Silent when all is well. */
#include <stdatomic.h>

#include "inbound-carry.h"

static int connection, set;

static void wait_by_poll(void)
{
    struct pollfd wait = { .fd = connection, .events = POLLIN };
    poll(&wait, 1, -1);
}

static void wait_by_select(void)
{
    fd_set in;
    FD_ZERO(&in);
    FD_SET(connection, &in);
    select(connection + 1, &in, NULL, NULL, NULL);
}

static void wait_by_epoll(void)
{
    struct epoll_event event;
    epoll_wait(set, &event, 1, -1);
}

static void wait_by_accept(void)
{
    accept4(ours, NULL, NULL, SOCK_CLOEXEC);
}

static void wait_by_read(void)
{
    char text[512];
    (void)!read(connection, text, sizeof text);
}

static void wait_by_readv(void)
{
    char text[512];
    struct iovec iov[2] = { { text, 1 }, { text + 1, 511 } };
    (void)!readv(connection, iov, 2);
}

static void wait_by_recvmsg(void)
{
    char text[512];
    struct iovec iov = { text, sizeof text };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
    recvmsg(connection, &m, 0);
}

static void wait_by_write(void)
{
    char text[512] = "";
    while (write(connection, text, sizeof text) > 0)
        ;
}

struct waiting {
    void (*wait)(void);
    bool sets; /* the connection is in a set that the process keeps */
};
static const struct waiting waits[] = {
    { wait_by_poll, false }, { wait_by_select, false }, { wait_by_accept, false },
    { wait_by_read, false }, { wait_by_readv, false },  { wait_by_recvmsg, false },
};
#define READING (sizeof waits / sizeof *waits)
static const struct waiting answering = { wait_by_write, false }, in_set = { wait_by_epoll, true };

static atomic_int waiter;

static void *waits_for_ever(void *which)
{
    atomic_store(&waiter, (int)syscall(SYS_gettid));
    ((const struct waiting *)which)->wait();
    return NULL;
}

static sigjmp_buf away;

static void leaves(int number)
{
    (void)number;
    siglongjmp(away, 1);
}

static void left_by_jump(const struct waiting *w)
{
    struct itimerval soon = { .it_value = { .tv_usec = 1000 } };
    signal(SIGALRM, leaves);
    if (sigsetjmp(away, 1) == 0) {
        setitimer(ITIMER_REAL, &soon, NULL);
        w->wait();
        must(0, "came back");
    }
}

static bool sleeps(int tid)
{
    char path[64], text[128];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    int fd = (int)syscall(SYS_open, path, O_RDONLY);
    long n = syscall(SYS_read, fd, text, sizeof text - 1);
    syscall(SYS_close, fd);
    text[n > 0 ? n : 0] = '\0';
    return strstr(text, ") S");
}

/* When it sleeps in the call, as the kernel says. */
static void left_by_cancel(const struct waiting *w)
{
    pthread_t thread;
    atomic_store(&waiter, 0);
    must(pthread_create(&thread, NULL, waits_for_ever, (void *)(uintptr_t)w) == 0, "thread");
    while (!atomic_load(&waiter) || !sleeps(atomic_load(&waiter)))
        usleep(50);
    must(pthread_cancel(thread) == 0 && pthread_join(thread, NULL) == 0, "cancel");
}

static void (*leave)(const struct waiting *);

/* A call that sends the answer is left: the request is over, or not. */
static void left_answering(const struct waiting *w, int i)
{
    char value[32];
    int c = client(), s = connection = accepted();
    snprintf(value, sizeof value, "k=%d", i);
    asks(c, value);
    reads(s);
    leave(w);
    may_carry(value);
    closes(c, s);
}

/* Half a head is read, the call that waits for more is left, and the rest comes. */
static void left_reading(const struct waiting *w, int i)
{
    char text[64];
    int c = client(), s = connection = accepted();
    struct epoll_event event = { .events = EPOLLIN };
    set = epoll_create1(0);
    if (w->sets)
        must(epoll_ctl(set, EPOLL_CTL_ADD, s, &event) == 0, "add");
    says(c, "GET / HTTP/1.1\r\nbaggage: k=");
    reads(s);
    leave(w);
    snprintf(text, sizeof text, "%d\r\n\r\n", i);
    says(c, text);
    reads(s);
    snprintf(text, sizeof text, "k=%d", i);
    if (w->sets)
        may_carry(text); /* a loop's */
    else
        must_carry(text);
    answers(s);
    must_carry("");
    close(set);
    closes(c, s);
}

/* Who keeps a set is a loop from then on: that comes last. */
static void left(int times)
{
    for (volatile int i = 0; i < times; i++)
        left_reading(&waits[(size_t)i % READING], i);
    for (volatile int i = 0; i < times / 5; i++)
        left_answering(&answering, i);
    for (volatile int i = 0; i < times / 5; i++)
        left_reading(&in_set, i);
}

int main(int argc, char **argv)
{
    ours = listening(&at[0]);
    theirs = listening(&at[1]);
    if (argc == 2 && strcmp(argv[1], "jumps") == 0) {
        leave = left_by_jump;
        left(300);
    } else if (argc == 2 && strcmp(argv[1], "cancels") == 0) {
        leave = left_by_cancel;
        left(120);
    } else {
        return 2;
    }
    return 0;
}
