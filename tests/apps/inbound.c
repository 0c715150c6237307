/* A server and all who talk with it in one process, call by call: inbound MODE. What the peers do
 * are raw system calls, which nobody sees. Prints what reached the service that it calls: the
 * values of `baggage`, a line a call. */
#include "inbound.h"

/* Memory before a page that nobody may read. */
static void *at_guard(size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(two != MAP_FAILED && mprotect(two + page, page, PROT_NONE) == 0, "guard");
    return two + page - len;
}

/* --- modes ------------------------------------------------------------------------------------ */

static void once(void)
{
    int c = client(), s = accepted();
    asks(c, "k=1");
    reads(s);
    calls();
    answers(s);
    calls();
}

static pid_t child_of_vfork(void)
{
    static char name[] = "true", entry[] = "A=b";
    static char *argv[] = { name, NULL }, *env[] = { entry, NULL };
    pid_t pid = vfork();
    if (pid == 0) {
        execve("/bin/true", argv, env);
        _exit(127);
    }
    return pid;
}

/* On one connection, so that nothing is accepted meanwhile. */
static void vforks(void)
{
    char value[32];
    int c = client(), s = accepted();
    for (int i = 0; i < 1500; i++) {
        snprintf(value, sizeof value, "k=%d", i);
        asks(c, value);
        reads(s);
        if (i == 0 || i == 1499)
            calls();
        must(waitpid(child_of_vfork(), NULL, 0) > 0, "vfork");
        answers(s);
        hears(c);
    }
}

/* As many as there may be descriptors, which the set has no room for: the kernel looks at those
 * that there are. */
static void selects(void)
{
    int c = client(), s = accepted();
    fd_set *set = at_guard(sizeof *set);
    asks(c, "k=1");
    FD_ZERO(set);
    FD_SET(s, set);
    must(select(1 << 20, set, NULL, NULL, NULL) == 1 && FD_ISSET(s, set), "select");
    must(select(-1, set, NULL, NULL, NULL) == -1 && errno == EINVAL, "negative");
    must(select(s + 1, NULL, NULL, NULL, &(struct timeval){ 0 }) == 0, "none");
    reads(s);
    calls();
}

static void polls(void)
{
    int c = client(), s = accepted();
    struct pollfd *one = at_guard(sizeof *one);
    volatile nfds_t most = (nfds_t)-1;
    *one = (struct pollfd){ .fd = s, .events = POLLIN };
    asks(c, "k=1");
    must(poll(one, most, 0) == -1 && (errno == EINVAL || errno == EFAULT), "most");
    must(poll(one, 1 << 24, 0) == -1 && (errno == EINVAL || errno == EFAULT), "many");
    must(poll(NULL, 0, 0) == 0, "none");
    must(poll(one, 1, -1) == 1, "one");
    reads(s);
    calls();
}

static void limits(void)
{
    const struct rlimit *volatile none = NULL;
    const struct rlimit64 *volatile none64 = NULL;
    int first = setrlimit(RLIMIT_NOFILE, none), error = errno;
    printf("%d %d", first, first ? error : 0);
    first = setrlimit64(RLIMIT_NOFILE, none64);
    printf(" %d %d\n", first, first ? errno : 0);
}

static void *runs_program(void *connection)
{
    static char name[] = "true", entry[] = "A=b";
    static char *argv[] = { name, NULL }, *env[2600];
    for (int i = 0; i < 2500; i++)
        env[i] = entry;
    reads(*(int *)connection);
    execve("/nonexistent/program", argv, env);
    return NULL;
}

/* A thread with the least stack, and an environment larger than that. */
static void small_stacks(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int c = client(), s = accepted();
    asks(c, "k=1");
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 16384);
    must(pthread_create(&thread, &attributes, runs_program, &s) == 0, "thread");
    pthread_join(thread, NULL);
    puts("survived");
}

/* The answer is sent when a part of the next head was read already. */
static void half_heads(void)
{
    int c = client(), s = accepted();
    says(c, "GET / HTTP/1.1\r\nbaggage: k=1\r\n\r\nGET / HTTP/1.1\r\nbagg");
    reads(s);
    calls();
    answers(s);
    says(c, "age: k=2\r\n\r\n");
    reads(s);
    calls();
}

static int blocked = -1;

static void *reads_late(void *unused)
{
    char text[512];
    (void)unused;
    must(read(blocked, text, sizeof text) > 0, "late");
    return NULL;
}

/* A thread waits in read() while another one closes the descriptor, whose number comes back. */
static void number_again(void)
{
    pthread_t thread;
    int first = client(), second = client(), s;
    blocked = accepted();
    must(pthread_create(&thread, NULL, reads_late, NULL) == 0, "thread");
    usleep(100000); /* until it waits: nothing else tells */
    close(blocked);
    s = accepted();
    must(s == blocked, "the same number");
    says(first, "GET / HTTP/1.1\r\nbaggage: k=old\r\nX: ");
    pthread_join(thread, NULL);
    asks(second, "k=new");
    reads(s);
    calls();
}

/* More connections than there is room for: the limit is raised unseen. What is read from the last
 * one is not followed, but is not the first one's either. */
static void exhausted(void)
{
    enum { MANY = 2100 };
    static int c[MANY], s[MANY];
    const struct rlimit64 enough = { 8000, 8000 };
    must(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &enough, NULL) == 0, "limit");
    for (int i = 0; i < MANY; i++) {
        c[i] = client();
        s[i] = accepted();
    }
    asks(c[0], "k=first");
    reads(s[0]);
    calls();
    asks(c[MANY - 1], "k=last");
    reads(s[MANY - 1]);
    calls();
}

/* Who waits for an epoll set by poll keeps a set as well, whatever it holds at this moment. */
static void nested(void)
{
    int c = client(), s = accepted(), set = epoll_create1(0);
    struct pollfd wait = { .fd = set, .events = POLLIN };
    struct epoll_event event = { .events = EPOLLIN };
    must(epoll_ctl(set, EPOLL_CTL_ADD, s, &event) == 0, "add");
    must(epoll_ctl(set, EPOLL_CTL_ADD, s, NULL) == -1, "add nothing");
    must(epoll_ctl(set, EPOLL_CTL_DEL, s, NULL) == 0, "remove");
    must(epoll_ctl(set, EPOLL_CTL_ADD, s, &event) == 0, "add again");
    asks(c, "k=1");
    must(poll(&wait, 1, -1) == 1 && epoll_wait(set, &event, 1, -1) == 1, "wait");
    must(poll(&wait, 1, -1) == 1, "wait again");
    reads(s);
    calls();
}

/* One byte to look at, and all of it, in vectors of which some are empty. */
static void peeks(void)
{
    char text[512], one;
    int c = client(), s = accepted();
    struct iovec parts[5] = {
        { NULL, 0 }, { text, 1 }, { NULL, 0 }, { text + 1, 511 }, { NULL, 0 }
    };
    asks(c, "k=1");
    must(recv(s, &one, 1, MSG_PEEK) == 1, "peek");
    must(recv(s, text, sizeof text, MSG_PEEK | MSG_DONTWAIT) > 1, "peek at all");
    must(readv(s, parts, 5) > 1, "readv");
    calls();
    answers(s);
    asks(c, "k=2");
    struct mmsghdr messages[2] = { { .msg_hdr = { .msg_iov = parts, .msg_iovlen = 5 } },
                                   { .msg_hdr = { .msg_iov = parts, .msg_iovlen = 5 } } };
    must(recvmmsg(s, messages, 2, MSG_WAITFORONE, NULL) >= 1, "recvmmsg");
    calls();
    answers(s);
    says(c, "GET / HTTP/1.1\r\nbaggage: k=3\r\n\r\n");
    must(recv(s, text, strlen("GET / HTTP/1.1\r\nbaggage: k=3\r\n\r\n"), MSG_WAITALL) > 1, "all");
    calls();
    answers(s);
    asks(c, "k=4");
    must(recv(s, NULL, 4, MSG_TRUNC) == 4, "thrown away");
    reads(s);
    calls();
}

static sigjmp_buf away;

static void leaves(int signal)
{
    (void)signal;
    siglongjmp(away, 1);
}

/* Signals that lead out of calls that wait, and a thread that is cancelled in one. */
static void jumps(void)
{
    char text[512];
    int c, s = -1;
    volatile int i = 0;
    pthread_t thread;
    struct itimerval soon = { .it_value = { .tv_usec = 2000 } };
    signal(SIGALRM, leaves);
    c = client();
    s = accepted();
    blocked = s;
    sigsetjmp(away, 1);
    struct pollfd wait = { .fd = s, .events = POLLIN };
    if (i++ < 60) {
        setitimer(ITIMER_REAL, &soon, NULL);
        if (i % 3 == 0)
            accept(ours, NULL, NULL);
        else if (i % 3 == 1)
            poll(&wait, 1, -1);
        else
            must(read(s, text, sizeof text) == -2, "came back");
    }
    must(pthread_create(&thread, NULL, reads_late, NULL) == 0, "thread");
    must(pthread_cancel(thread) == 0 && pthread_join(thread, NULL) == 0, "cancel");
    asks(c, "k=1");
    reads(s);
    calls();
}

/* The end of the answer is sent by the kernel. */
static void sendfiles(void)
{
    int c = client(), s = accepted(), file = memfd_create("body", 0);
    off_t from = 0;
    must(write(file, "ok", 2) == 2, "body");
    asks(c, "k=1");
    reads(s);
    calls();
    must(write(s, ANSWER, sizeof ANSWER - 3) > 0, "head");
    calls();
    must(sendfile(s, file, &from, 2) == 2, "sendfile");
    calls();
    asks(c, "k=2");
    reads(s);
    calls();
}

static const struct mode {
    const char *name;
    void (*run)(void);
} modes[] = {
    { "once", once },
    { "vforks", vforks },
    { "selects", selects },
    { "polls", polls },
    { "limits", limits },
    { "small-stacks", small_stacks },
    { "half-heads", half_heads },
    { "number-again", number_again },
    { "exhausted", exhausted },
    { "nested", nested },
    { "sendfiles", sendfiles },
    { "peeks", peeks },
    { "jumps", jumps },
};

int main(int argc, char **argv)
{
    ours = listening(&at[0]);
    theirs = listening(&at[1]);
    for (size_t i = 0; argc == 2 && i < sizeof modes / sizeof *modes; i++)
        if (strcmp(argv[1], modes[i].name) == 0) {
            modes[i].run();
            return 0;
        }
    fputs("usage: inbound MODE\n", stderr);
    return 2;
}
