/* Hooks at awkward moments: adversary-moment SCENARIO. Silent when all is well. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "adversary-pair.h"

#define LEN  REQUEST_LEN
#define WAYS SEND_WAYS

/* --- only the system calls that the program makes itself ---------------------------------------
 */

static void allow_only(long number)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = { sizeof code / sizeof *code, code };
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void sandbox(void)
{
    static const long numbers[WAYS] = { SYS_write,   SYS_writev,   SYS_sendto,
                                        SYS_sendmsg, SYS_sendmmsg, SYS_pwritev2 };
    for (int way = 0; way < WAYS; way++) {
        struct pair p = pair_open();
        int status;
        pid_t child = fork();
        if (child == 0) {
            allow_only(numbers[way]);
            for (int i = 0; i < 10; i++)
                send_by(way, p.client);
            syscall(SYS_exit_group, 0);
        }
        must(waitpid(child, &status, 0) == child && status == 0);
        for (int i = 0; i < 10; i++)
            must_read(p.server, carried());
        pair_close(p);
    }
}

/* --- small stacks ----------------------------------------------------------------------------- */

static struct pair thin;

static void *on_thin_stack(void *arg)
{
    (void)arg;
    for (int way = 0; way < WAYS; way++)
        send_by(way, thin.client);
    return NULL;
}

static void thread_stack(void)
{
    pthread_attr_t attr;
    pthread_t thread;
    thin = pair_open();
    pthread_attr_init(&attr);
    must(pthread_attr_setstacksize(&attr, 16384) == 0);
    must(pthread_create(&thread, &attr, on_thin_stack, NULL) == 0);
    must(pthread_join(thread, NULL) == 0);
    for (int way = 0; way < WAYS; way++)
        must_read(thin.server, carried());
}

static void on_signal_stack(int number)
{
    (void)number;
    on_thin_stack(NULL);
}

/* What the kernel needs itself, and 4 kB for the program. */
static void signal_stack(void)
{
    size_t size = (size_t)sysconf(_SC_MINSIGSTKSZ) + 4096;
    size_t room = (size + 4095) & ~(size_t)4095;
    char *at = mmap(NULL, room + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(mprotect(at + 4096, room, PROT_READ | PROT_WRITE) == 0);
    stack_t stack = { .ss_sp = at + 4096 + room - size, .ss_size = size };
    struct sigaction action = { .sa_handler = on_signal_stack, .sa_flags = SA_ONSTACK };
    thin = pair_open();
    must(sigaltstack(&stack, NULL) == 0 && sigaction(SIGUSR1, &action, NULL) == 0);
    raise(SIGUSR1);
    for (int way = 0; way < WAYS; way++)
        must_read(thin.server, carried());
}

/* --- signals ---------------------------------------------------------------------------------- */

static struct pair others[4];
static volatile sig_atomic_t handled[4];

/* Each time on one of four streams, of which the last one is also the program's. */
static void on_alarm(int number)
{
    static unsigned turn;
    unsigned i = turn++ % 4;
    int saved = errno;
    (void)number;
    send_by((int)(turn % WAYS), others[i].client);
    handled[i]++;
    errno = saved;
}

/* Takes requests off a stream, carried or not; true if all were. */
static bool take_requests(int fd, long count)
{
    bool all = true;
    char data[sizeof REQUEST];
    while (count--) {
        must(recv(fd, data, HALF, MSG_WAITALL) == HALF && memcmp(data, REQUEST, HALF) == 0);
        must(recv(fd, data, LEN - 2 - HALF, MSG_WAITALL) == LEN - 2 - HALF);
        must(recv(fd, data, 2, MSG_WAITALL) == 2);
        if (memcmp(data, "\r\n", 2) == 0) {
            all = false;
            continue;
        }
        char rest[1024];
        size_t len = strlen(carried()) - LEN;
        must(recv(fd, rest, len, MSG_WAITALL) == (ssize_t)len);
        must(memcmp(data, carried() + LEN - 2, 2) == 0);
        must(memcmp(rest, carried() + LEN, len) == 0);
    }
    return all;
}

static void signals(void)
{
    struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
    struct itimerval often = { { 0, 150 }, { 0, 150 } }, never = { 0 };
    struct pair p = pair_open();
    for (int i = 0; i < 4; i++)
        others[i] = pair_open();
    for (int turn = 0; turn < 300; turn++) {
        must(sigaction(SIGALRM, &action, NULL) == 0);
        setitimer(ITIMER_REAL, &often, NULL);
        for (int i = 0; i < 50; i++)
            send_by(i % WAYS, p.client);
        for (int i = 0; i < 50; i++)
            send_by(i % WAYS, others[3].client);
        setitimer(ITIMER_REAL, &never, NULL);
        must(take_requests(p.server, 50));
        for (int i = 0; i < 3; i++) {
            must(take_requests(others[i].server, handled[i]));
            handled[i] = 0;
        }
        take_requests(others[3].server, handled[3] + 50);
        handled[3] = 0;
    }
    must_carry(p);
}

/* --- calls that never come back ----------------------------------------------------------------
 */

static sigjmp_buf away;

static void jump(int number)
{
    (void)number;
    siglongjmp(away, 1);
}

static void *block(void *arg)
{
    const struct pair *p = arg;
    for (;;)
        send_by(0, p->client);
    return NULL;
}

static void must_go_on(struct pair p)
{
    fcntl(p.client, F_SETFL, O_NONBLOCK);
    while (write(p.client, REQUEST, LEN) > 0)
        ;
    must(errno == EAGAIN);
    pair_close(p);
    must_carry(pair_open());
}

static void jumps(void)
{
    struct sigaction action = { .sa_handler = jump };
    sigaction(SIGALRM, &action, NULL);
    for (volatile int i = 0; i < 100; i++) { /* more often than there are buffers */
        struct pair p = pair_open();
        struct itimerval soon = { { 0, 0 }, { 0, 3000 } };
        if (sigsetjmp(away, 1) == 0) {
            setitimer(ITIMER_REAL, &soon, NULL);
            block(&p);
        }
        must_go_on(p);
    }
}

static void cancels(void)
{
    for (int i = 0; i < 100; i++) {
        struct pair p = pair_open();
        pthread_t thread;
        must(pthread_create(&thread, NULL, block, &p) == 0);
        struct pollfd full = { .fd = p.client, .events = POLLOUT };
        while (poll(&full, 1, 0) != 0)
            sched_yield();
        must(pthread_cancel(thread) == 0 && pthread_join(thread, NULL) == 0);
        must_go_on(p);
    }
}

static struct pair last;

static void at_exit(void)
{
    must_carry(last);
}

static void at_end(void)
{
    last = pair_open();
    must(atexit(at_exit) == 0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } scenarios[] = {
        { "sandbox", sandbox },
        { "thread-stack", thread_stack },
        { "signal-stack", signal_stack },
        { "signals", signals },
        { "jumps", jumps },
        { "cancels", cancels },
        { "exit", at_end },
    };
    pair_listen();
    for (size_t i = 0; argc > 1 && i < sizeof scenarios / sizeof *scenarios; i++)
        if (strcmp(argv[1], scenarios[i].name) == 0) {
            scenarios[i].run();
            return 0;
        }
    return 2;
}
