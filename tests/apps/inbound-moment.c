/* A server at awkward moments: inbound-moment MODE. The peers are raw system calls, as in
 * inbound.c. Silent when all is well, but for what is asked for. */
#include "inbound-carry.h"

/* --- children --------------------------------------------------------------------------------- */

/* What a vfork child does to connections, it does to copies of the descriptors; its memory is its
 * parent's. */
static void vforks(void)
{
    int c = client(), s = accepted(), c2 = client(), s2 = accepted(), c3 = client(), c4 = client();
    asks(c, "k=1");
    reads(s);
    asks(c2, "k=2");
    for (volatile int i = 0; i < 3000; i++) { /* more often than there is room for connections */
        pid_t pid = vfork();
        if (pid == 0) {
            char text[512];
            struct pollfd both[2] = { { .fd = s, .events = POLLIN },
                                      { .fd = s2, .events = POLLIN } };
            if (i == 0)
                accept(ours, NULL, NULL);
            poll(both, 2, 0);
            if (i == 0)
                (void)!read(s2, text, sizeof text);
            else
                recv(s2, text, sizeof text, MSG_DONTWAIT);
            epoll_create1(0);
            (void)!write(i == 0 ? s2 : -1, ANSWER, sizeof ANSWER - 1);
            dup2(s2, s);
            shutdown(-1, SHUT_WR);
            close(s);
            close(s2);
            close(ours);
            _exit(0);
        }
        must(pid > 0 && waitpid(pid, NULL, 0) == pid, "vfork");
    }
    must_carry("k=1");
    hears(c2);
    answers(s);
    must_carry("");
    int s4 = accepted();
    asks(c4, "k=4");
    reads(s4);
    must_carry("k=4");
    closes(c3, -1);
}

/* A child that is forked while another thread reads goes on with what it accepts itself. */
static void *reads_on(void *connection)
{
    char text[512];
    while (read(*(int *)connection, text, sizeof text) > 0)
        ;
    return NULL;
}

static void forks(void)
{
    pthread_t thread;
    int c = client(), s = accepted();
    must(pthread_create(&thread, NULL, reads_on, &s) == 0, "thread");
    for (int i = 0; i < 300; i++) {
        char value[16];
        int status, c2 = client();
        snprintf(value, sizeof value, "k=%d", i);
        asks(c, "k=other");
        syscall(SYS_sched_yield);
        pid_t pid = fork();
        if (pid == 0) {
            int s2 = accepted();
            asks(c2, value);
            reads(s2);
            may_carry(value);
            _exit(0);
        }
        must(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "child");
        syscall(SYS_close, c2);
    }
    syscall(SYS_shutdown, c, SHUT_WR);
    pthread_join(thread, NULL);
}

/* --- signal handlers -------------------------------------------------------------------------- */

static struct {
    int client, server;
} mine, other;
static sigjmp_buf away;
static volatile sig_atomic_t handled;
static enum { READS, WRITES, CLOSES, SERVES, JUMPS, WAYS } handler_does;

/* Another connection is served from beginning to end. */
static void serves_other(void)
{
    char text[512];
    int one = client(), two = accept4(ours, NULL, NULL, 0);
    if (two < 0)
        _exit(80);
    asks(one, "k=handler");
    (void)!read(two, text, sizeof text);
    (void)!write(two, ANSWER, sizeof ANSWER - 1);
    closes(one, two);
}

static void on_alarm(int number)
{
    char text[64];
    int saved = errno;
    (void)number;
    handled++;
    switch (handler_does) {
    case READS:
        (void)recv(mine.server, text, 5, MSG_DONTWAIT);
        break;
    case WRITES:
        (void)send(mine.server, ANSWER, sizeof ANSWER - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        break;
    case CLOSES:
        close(mine.server);
        close(other.server);
        break;
    case SERVES:
        serves_other();
        break;
    default:
        siglongjmp(away, 1);
    }
    errno = saved;
}

static void block_alarm(int how)
{
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    pthread_sigmask(how, &alarm, NULL);
}

/* Reads and answers as fast as it can, until the handler was there. */
static void disturbed(const char *value)
{
    char text[512];
    struct itimerval soon = { .it_value = { .tv_usec = 20 + handled % 180 } };
    volatile int seen = handled;
    snprintf(text, sizeof text, "GET / HTTP/1.1\r\nbaggage: %s\r\n\r\n", value);
    setitimer(ITIMER_REAL, &soon, NULL);
    block_alarm(SIG_UNBLOCK);
    while (handled == seen) {
        struct pollfd wait = { .fd = mine.server, .events = POLLIN };
        if (syscall(SYS_write, mine.client, text, strlen(text)) < 0)
            break;
        while (poll(&wait, 1, 0) == 1 && recv(mine.server, text + 256, 7, MSG_DONTWAIT) > 0)
            ;
        (void)send(mine.server, ANSWER, sizeof ANSWER - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)syscall(SYS_recvfrom, mine.client, text + 256, 200, MSG_DONTWAIT, NULL, NULL);
    }
    block_alarm(SIG_BLOCK);
}

static void signals(void)
{
    struct sigaction action = { .sa_handler = on_alarm };
    char value[32];
    block_alarm(SIG_BLOCK);
    sigaction(SIGALRM, &action, NULL);
    for (volatile int i = 0; i < 4000; i++) {
        handler_does = (unsigned)i % WAYS;
        mine.client = client();
        mine.server = accepted();
        other.client = client();
        other.server = accepted();
        snprintf(value, sizeof value, "k=%d", i);
        if (sigsetjmp(away, 1) == 0)
            disturbed(value);
        block_alarm(SIG_BLOCK);
        may_carry(value);
        closes(mine.client, mine.server);
        closes(other.client, other.server);
    }
    /* The next one is served as ever, unless threads or handlers were seen to share work. */
    int c = client(), s = accepted();
    asks(c, "k=last");
    reads(s);
    may_carry("k=last");
    printf("survived\n");
}

/* --- high numbers ----------------------------------------------------------------------------- */

/* On descriptors beyond what anybody said there would be, a request is its own, too. */
static void high_numbers(void)
{
    struct rlimit64 limit;
    int c = client(), s = accepted(), c2 = client();
    syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
    limit.rlim_cur = limit.rlim_max;
    syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
    asks(c, "k=1");
    reads(s);
    must_carry("k=1");
    answers(s);
    int last = (int)limit.rlim_cur - 1;
    int s2 = fcntl(accepted(), F_DUPFD, last);
    must(s2 == last, "number");
    asks(c2, "k=2");
    reads(s2);
    must_carry("k=2");
    asks(c, "k=3");
    reads(s);
    may_carry("k=3"); /* it left the other one unanswered */
    asks(c2, "k=4");
    reads(s2);
    may_carry("k=4");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } modes[] = {
        { "vforks", vforks },
        { "forks", forks },
        { "signals", signals },
        { "high-numbers", high_numbers },
    };
    ours = listening(&at[0]);
    theirs = listening(&at[1]);
    for (size_t i = 0; argc == 2 && i < sizeof modes / sizeof *modes; i++)
        if (strcmp(argv[1], modes[i].name) == 0) {
            modes[i].run();
            return 0;
        }
    return 2;
}
