/* The largest request, served on small stacks, by a program in which nobody may ask for memory:
 * inbound-thin thread|signal. Silent when all is well. */
#include "inbound-carry.h"

static _Thread_local volatile bool forbidden;
void *__libc_malloc(size_t size);

void *malloc(size_t size)
{
    if (forbidden)
        abort();
    return __libc_malloc(size);
}

/* A request as large as may be, in every way to wait for it and to read it; what the server does
 * asks for no memory. */
static char large[16384];

static void fill_large(void)
{
    char *to = large + sprintf(large, "GET / HTTP/1.1\r\nbaggage: k=1");
    for (int i = 0; i < 63; i++)
        to += sprintf(to, ",key-%02d=%0100d", i, i);
    to +=
        sprintf(to, "\r\ntracestate: a=%0400d\r\ntraceparent: 00-%032x-%016x-01\r\n\r\n", 1, 2, 3);
}

/* By a thread that is there for the connection, and in a loop. */
static void serves_blocking(void)
{
    char text[1024];
    int c = client();
    says(c, large);
    int s = accept(ours, NULL, NULL);
    for (size_t n = 0; n < strlen(large);)
        n += (size_t)read(s, text, sizeof text);
    const char *got = carried();
    must(strncmp(got, "k=1,key-00=", 11) == 0, "large");
    answers(s);
    closes(c, s);
}

static void serves_in_loop(void)
{
    char text[1024];
    struct epoll_event event = { .events = EPOLLIN };
    struct pollfd wait = { .fd = ours, .events = POLLIN };
    int c = client(), loop = epoll_create1(0);
    says(c, large);
    poll(&wait, 1, -1);
    int s = accept4(ours, NULL, NULL, SOCK_NONBLOCK);
    must(epoll_ctl(loop, EPOLL_CTL_ADD, s, &event) == 0, "add");
    must(epoll_wait(loop, &event, 1, -1) == 1, "wait");
    must(read(s, text, 100) > 0, "read");
    while (recv(s, text, sizeof text, 0) > 0)
        ;
    may_carry("");
    answers(s);
    closes(c, s);
    close(loop);
}

static void *on_thin_stack(void *unused)
{
    (void)unused;
    forbidden = true;
    serves_blocking();
    serves_in_loop();
    forbidden = false;
    return NULL;
}

static void thread_stack(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    must(pthread_attr_setstacksize(&attributes, 16384) == 0, "size");
    must(pthread_create(&thread, &attributes, on_thin_stack, NULL) == 0, "thread");
    pthread_join(thread, NULL);
}

static void on_signal_stack(int number)
{
    (void)number;
    on_thin_stack(NULL);
}

/* What the kernel needs itself, and 8 kB for the program and the hooks. */
static void signal_stack(void)
{
    size_t size = (size_t)sysconf(_SC_MINSIGSTKSZ) + 8192, room = (size + 4095) & ~(size_t)4095;
    char *memory = mmap(NULL, room + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(mprotect(memory + 4096, room, PROT_READ | PROT_WRITE) == 0, "guard");
    stack_t stack = { .ss_sp = memory + 4096 + room - size, .ss_size = size };
    struct sigaction action = { .sa_handler = on_signal_stack, .sa_flags = SA_ONSTACK };
    must(sigaltstack(&stack, NULL) == 0 && sigaction(SIGUSR1, &action, NULL) == 0, "stack");
    raise(SIGUSR1);
}

int main(int argc, char **argv)
{
    ours = listening(&at[0]);
    theirs = listening(&at[1]);
    fill_large();
    if (argc == 2 && strcmp(argv[1], "thread") == 0)
        thread_stack();
    else if (argc == 2 && strcmp(argv[1], "signal") == 0)
        signal_stack();
    else
        return 2;
    return 0;
}
