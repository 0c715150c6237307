/* A server in a sandbox: inbound-sandbox pool|loop [NUMBER...]. Once it serves, it may make these
 * system calls only; where no numbers are given it may make any, so that it can be seen what it
 * makes. It holds all requests before it answers the first one, and says how many went on to the
 * service that it calls with their own baggage, and how many without. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "inbound-goes.h"

enum { REQUESTS = 1200, WORKERS = 8 };

static atomic_uint held, started;
static atomic_bool sandboxed;
static int connections[REQUESTS];

static void enter_sandbox(int count, char **numbers)
{
    struct sock_filter code[128] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    };
    int used = 1;
    for (int i = 0; i < count && used < 120; i++) {
        code[used++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                    (unsigned)atoi(numbers[i]), 0, 1);
        code[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    code[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    struct sock_fprog program = { (unsigned short)used, code };
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no new privileges");
    if (count)
        must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) ==
                 0,
             "seccomp");
    atomic_store(&sandboxed, true);
}

/* Threads are there before it is entered: how one begins is not the question. */
static void wait_for_sandbox(void)
{
    atomic_fetch_add(&started, 1);
    while (!atomic_load(&sandboxed))
        ;
}

/* --- the peers -------------------------------------------------------------------------------- */

static void *asks_all(void *unused)
{
    static int c[REQUESTS];
    char text[1024];
    (void)unused;
    wait_for_sandbox();
    for (int i = 0; i < REQUESTS; i++) {
        c[i] = client();
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nbaggage: k=%d,pad=%0600d\r\n\r\n", i, i);
        says(c[i], text);
    }
    for (int i = 0; i < REQUESTS; i++) {
        hears(c[i]);
        syscall(SYS_close, c[i]);
    }
    syscall(SYS_exit_group, 0);
    return NULL;
}

/* --- the server ------------------------------------------------------------------------------- */

/* The number of the request, read in one of several ways. */
static int reads_one(int fd, int turn)
{
    char text[1024] = "";
    struct iovec iov[2] = { { text, 9 }, { text + 9, sizeof text - 10 } };
    struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };
    ssize_t n = 0;
    switch (turn % 4) {
    case 0:
        n = read(fd, text, sizeof text - 1);
        break;
    case 1:
        n = readv(fd, iov, 2);
        break;
    case 2:
        n = recv(fd, text, sizeof text - 1, 0);
        break;
    default:
        n = recvmsg(fd, &message, 0);
    }
    must(n > 0, "request");
    return atoi(strstr(text, "k=") + 2);
}

static void tell(void)
{
    char text[64];
    int n = snprintf(text, sizeof text, "%u with their own baggage, %u without\n", with, without);
    must(write(1, text, (size_t)n) == n, "told");
}

/* Each has some connections, and waits until all requests are there. */
static void *works(void *unused)
{
    int mine[REQUESTS / WORKERS];
    (void)unused;
    wait_for_sandbox();
    for (int i = 0; i < REQUESTS / WORKERS; i++) {
        struct pollfd wait = { .fd = ours, .events = POLLIN };
        poll(&wait, 1, -1);
        mine[i] = i % 2 ? accept(ours, NULL, NULL) : accept4(ours, NULL, NULL, SOCK_CLOEXEC);
        must(mine[i] >= 0, "accept");
        wait.fd = mine[i];
        poll(&wait, 1, -1);
        goes_on(reads_one(mine[i], i));
        if (atomic_fetch_add(&held, 1) == REQUESTS - 1)
            tell();
    }
    while (atomic_load(&held) < REQUESTS)
        poll(NULL, 0, 1);
    for (int i = 0; i < REQUESTS / WORKERS; i++) {
        answers(mine[i]);
        close(mine[i]);
    }
    for (;;)
        poll(NULL, 0, 1000);
    return NULL;
}

static void loops(void)
{
    int set = epoll_create1(0), count = 0;
    struct epoll_event event = { .events = EPOLLIN, .data.fd = ours };
    must(epoll_ctl(set, EPOLL_CTL_ADD, ours, &event) == 0, "add");
    while (count < REQUESTS) {
        must(epoll_wait(set, &event, 1, -1) == 1, "wait");
        if (event.data.fd != ours) {
            connections[count] = event.data.fd;
            goes_on(reads_one(event.data.fd, count++));
            continue;
        }
        event = (struct epoll_event){ .events = EPOLLIN };
        event.data.fd = accept4(ours, NULL, NULL, SOCK_NONBLOCK);
        must(event.data.fd >= 0, "accept");
        must(epoll_ctl(set, EPOLL_CTL_ADD, event.data.fd, &event) == 0, "add");
    }
    tell();
    for (int i = 0; i < count; i++) {
        must(epoll_ctl(set, EPOLL_CTL_DEL, connections[i], NULL) == 0, "remove");
        answers(connections[i]);
        shutdown(connections[i], SHUT_WR);
        close(connections[i]);
    }
    for (;;)
        epoll_wait(set, &event, 1, -1);
}

int main(int argc, char **argv)
{
    pthread_t thread;
    const struct rlimit limit = { 2 * REQUESTS + 100, 2 * REQUESTS + 100 };
    bool pool = argc > 1 && strcmp(argv[1], "pool") == 0;
    must(argc > 1 && setrlimit(RLIMIT_NOFILE, &limit) == 0, "limit");
    ours = listening(&at[0]);
    theirs = listening(&at[1]);
    must(listen(ours, 2 * REQUESTS) == 0, "listen");
    must(pthread_create(&thread, NULL, asks_all, NULL) == 0, "thread");
    for (int i = 0; pool && i < WORKERS; i++)
        must(pthread_create(&thread, NULL, works, NULL) == 0, "worker");
    while (atomic_load(&started) < (pool ? 1 + WORKERS : 1))
        ;
    enter_sandbox(argc - 2, argv + 2);
    if (!pool)
        loops();
    for (;;)
        poll(NULL, 0, 1000);
}
