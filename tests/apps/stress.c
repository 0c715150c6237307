/* Threads with keep-alive connections to a server in the same process, while signals arrive and
 * children are forked: stress THREADS CONNECTIONS REQUESTS. Every request must reach the server
 * with exactly one header, the right one. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "adversary-pair.h"

#define LEN    (sizeof REQUEST - 1)
#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

struct seen {
    char data[512];
    size_t len;
};

static struct sockaddr_in at;
static int listener, poller;
static unsigned threads, connections, requests; /* connections of a thread, requests of each */
static atomic_uint served, forks, signals;
static atomic_bool over;
static struct seen *seen; /* by descriptor, of the server's thread */

static void serve(int fd)
{
    struct seen *s = &seen[fd];
    size_t len = strlen(carried());
    ssize_t n = recv(fd, s->data + s->len, len - s->len, 0);
    if (n <= 0) {
        must(n == 0 && s->len == 0);
        epoll_ctl(poller, EPOLL_CTL_DEL, fd, NULL); /* a child may hold it */
        close(fd);
        return;
    }
    s->len += (size_t)n;
    must(memcmp(s->data, carried(), s->len) == 0);
    if (s->len < len)
        return;
    s->len = 0;
    atomic_fetch_add(&served, 1);
    must(send(fd, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL) == sizeof ANSWER - 1);
}

static void *server(void *arg)
{
    struct epoll_event events[64];
    (void)arg;
    while (!atomic_load(&over)) {
        int count = epoll_wait(poller, events, 64, 50);
        for (int i = 0; i < count; i++) {
            struct epoll_event more = { .events = EPOLLIN };
            if (events[i].data.fd != listener) {
                serve(events[i].data.fd);
                continue;
            }
            more.data.fd = accept(listener, NULL, NULL);
            must(more.data.fd >= 0);
            seen[more.data.fd].len = 0;
            must(epoll_ctl(poller, EPOLL_CTL_ADD, more.data.fd, &more) == 0);
        }
    }
    return NULL;
}

static void send_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        must(n > 0);
        data += n;
        len -= (size_t)n;
    }
}

static void mask(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    must(pthread_sigmask(how, &set, NULL) == 0);
}

static void *client(void *arg)
{
    unsigned seed = (unsigned)(uintptr_t)arg;
    int *fd = calloc(connections, sizeof *fd);
    char answer[sizeof ANSWER];
    must(fd);
    mask(SIG_UNBLOCK);
    for (unsigned i = 0; i < connections; i++) {
        const int yes = 1;
        fd[i] = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(fd[i], IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        must(fd[i] >= 0 && connect(fd[i], (struct sockaddr *)&at, sizeof at) == 0);
    }
    for (unsigned i = 0; i < connections * requests; i++) {
        int to = fd[i % connections];
        size_t cut = (size_t)rand_r(&seed) % LEN;
        if (i % 97 == 0) { /* another number for the same connection */
            int copy = dup(to);
            close(to);
            fd[i % connections] = to = copy;
        }
        send_all(to, REQUEST, cut);
        send_all(to, &REQUEST[cut], LEN - cut);
        must(recv(to, answer, sizeof ANSWER - 1, MSG_WAITALL) == sizeof ANSWER - 1);
        must(memcmp(answer, ANSWER, sizeof ANSWER - 1) == 0);
    }
    mask(SIG_BLOCK);
    for (unsigned i = 0; i < connections; i++)
        close(fd[i]);
    free(fd);
    return NULL;
}

/* Descriptors come and go in the handler as well. */
static void on_signal(int number)
{
    int saved = errno;
    (void)number;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd >= 0) {
        (void)!write(fd, REQUEST, LEN); /* not connected: fails */
        close(fd);
    }
    atomic_fetch_add(&signals, 1);
    errno = saved;
}

static void *forker(void *arg)
{
    const struct timespec pause = { 0, 20000000 };
    (void)arg;
    while (!atomic_load(&over)) {
        pid_t child = fork();
        if (child == 0) {
            close_range(3, ~0u, 0);
            _exit(0);
        }
        int status = 1;
        while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
        must(child > 0 && status == 0);
        atomic_fetch_add(&forks, 1);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

/* All threads but the clients block the signal, so one of those gets it, in whatever it does. */
static void *disturber(void *arg)
{
    const struct timespec pause = { 0, 500000 };
    (void)arg;
    while (!atomic_load(&over)) {
        kill(getpid(), SIGUSR1);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void open_server(void)
{
    socklen_t len = sizeof at;
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    must(bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 4096) == 0);
    must(getsockname(listener, (struct sockaddr *)&at, &len) == 0);
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event more = { .events = EPOLLIN, .data.fd = listener };
    must(epoll_ctl(poller, EPOLL_CTL_ADD, listener, &more) == 0);
}

int main(int argc, char **argv)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    must(argc == 4);
    threads = (unsigned)atoi(argv[1]);
    connections = (unsigned)atoi(argv[2]) / threads;
    requests = (unsigned)atoi(argv[3]);
    rlim_t files = 2 * threads * connections + 200;
    must(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ files, files }) == 0);
    seen = calloc(files, sizeof *seen);
    pthread_t *clients = calloc(threads, sizeof *clients), helpers[3];
    must(seen && clients && sigaction(SIGUSR1, &action, NULL) == 0);
    carried();
    mask(SIG_BLOCK);
    open_server();
    must(pthread_create(&helpers[0], NULL, server, NULL) == 0);
    for (unsigned i = 0; i < threads; i++)
        must(pthread_create(&clients[i], NULL, client, (void *)(uintptr_t)(i + 1)) == 0);
    must(pthread_create(&helpers[1], NULL, forker, NULL) == 0);
    must(pthread_create(&helpers[2], NULL, disturber, NULL) == 0);
    for (unsigned i = 0; i < threads; i++)
        must(pthread_join(clients[i], NULL) == 0);
    atomic_store(&over, true);
    for (int i = 0; i < 3; i++)
        must(pthread_join(helpers[i], NULL) == 0);
    must(served == threads * connections * requests);
    printf("%u requests, %s, %s\n", served, forks ? "forks" : "no fork",
           signals ? "signals" : "no signal");
    free(clients);
    free(seen);
    return 0;
}
