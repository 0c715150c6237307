/* Requests while settings change under them.
 *
 *     reload sink [in]               prints its port; says of every request whether what it carries
 *                                    is of one state, and sums that up when standard input ends
 *     reload ask PORT THREADS [HEAD...]
 *                                    threads with a connection each make requests, with these lines
 *                                    in their heads, until standard input ends
 *     reload serve PORT              prints its port; a thread a connection asks the sink at PORT
 *                                    for each request that it serves
 *
 * State N of the settings shows in members g1=N, g2=N and so on; those of an even number let the
 * member "in" in, and forward x-even, and those of an odd one x-odd. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 16384 };

static atomic_bool over;
static atomic_ulong requests, torn, bare, backwards, ins, forwards, kinds[8];
static bool asks_in; /* requests come from a server, to which all bring "in" */
static char extra[1024];
static int sink_port;

static void *until_end(void *unused)
{
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    atomic_store(&over, true);
    return unused;
}

static bool put(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

/* A head that ends in an empty line, as a C string; the other side sends nothing behind it. */
static bool get(int fd, char *head)
{
    size_t len = 0;
    while (len < HEAD_MAX - 1) {
        ssize_t n = recv(fd, head + len, HEAD_MAX - 1 - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        head[len] = 0;
        if (len >= 4 && strcmp(head + len - 4, "\r\n\r\n") == 0)
            return true;
    }
    return false;
}

static int listener(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, 64) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        exit(2);
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

static int connect_to(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((unsigned short)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
        exit(2);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

/* --- the sink --------------------------------------------------------------------------------- */

static const char *find(const char *head, const char *name)
{
    const char *at = strcasestr(head, name);
    return at ? at + strlen(name) : NULL;
}

/* The number that all members g... have; -1: there are none; -2: they differ. */
static long number_of(const char *head, unsigned *members)
{
    const char *at = find(head, "\r\nbaggage: "), *end = at ? strstr(at, "\r\n") : NULL;
    long all = -1;
    for (*members = 0; at && at < end; at = strpbrk(at, ",\r"), at += at < end) {
        if (*at != 'g')
            continue;
        long one = strtol(strchr(at, '=') + 1, NULL, 10);
        if (all >= 0 && one != all)
            return -2;
        all = one;
        (*members)++;
    }
    return all;
}

static void look(const char *head, long *before)
{
    unsigned members;
    long n = number_of(head, &members);
    bool in = find(head, ",in=") || find(head, "baggage: in=");
    bool even = find(head, "\r\nx-even: "), odd = find(head, "\r\nx-odd: ");
    atomic_fetch_add(&requests, 1);
    atomic_fetch_add(&ins, in);
    atomic_fetch_add(&forwards, even + odd);
    if (n == -1) {
        atomic_fetch_add(&bare, 1);
        return;
    }
    atomic_fetch_add(&kinds[members % 8], 1);
    /* Of what was read before, a head may lack what the settings of then did not look for. */
    bool wrong_in = asks_in && in != (n % 2 == 0);
    if (n == -2 || wrong_in || (even && n % 2) || (odd && n % 2 == 0)) {
        if (atomic_fetch_add(&torn, 1) < 3)
            fprintf(stderr, "torn: %s\n", head);
    } else {
        if (n < *before && atomic_fetch_add(&backwards, 1) < 3)
            fprintf(stderr, "after %ld: %s\n", *before, head);
        *before = n;
    }
}

static void *sink_one(void *arg)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    int fd = (int)(long)arg;
    char *head = malloc(HEAD_MAX);
    long before = -1;
    while (get(fd, head)) {
        look(head, &before);
        if (!put(fd, answer, sizeof answer - 1))
            break;
    }
    free(head);
    close(fd);
    return NULL;
}

static void accept_all(int fd, void *(*serve)(void *))
{
    pthread_t thread;
    for (int one; (one = accept(fd, NULL, NULL)) >= 0;) {
        int yes = 1;
        setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (pthread_create(&thread, NULL, serve, (void *)(long)one) == 0)
            pthread_detach(thread);
    }
}

static void *accept_for_sink(void *arg)
{
    accept_all((int)(long)arg, sink_one);
    return NULL;
}

static int sink(void)
{
    pthread_t thread;
    int fd = listener();
    pthread_create(&thread, NULL, accept_for_sink, (void *)(long)fd);
    until_end(NULL);
    printf("requests=%lu torn=%lu bare=%lu backwards=%lu in=%lu forwarded=%lu", requests, torn,
           bare, backwards, ins, forwards);
    for (int i = 1; i < 8; i++)
        printf(" g%d=%lu", i, kinds[i]);
    printf("\n");
    fflush(stdout);
    _exit(torn || backwards);
}

/* --- those who ask ---------------------------------------------------------------------------- */

static bool ask(int fd, const char *lines)
{
    char head[HEAD_MAX];
    int len = snprintf(head, sizeof head, "GET / HTTP/1.1\r\nhost: a.test\r\n%s\r\n", lines);
    return put(fd, head, (size_t)len) && get(fd, head);
}

static void *ask_often(void *unused)
{
    int fd = connect_to(sink_port);
    while (!atomic_load(&over) && ask(fd, extra))
        atomic_fetch_add(&requests, 1);
    close(fd);
    return unused;
}

static int ask_in_threads(int count)
{
    pthread_t thread[64];
    for (int i = 0; i < count; i++)
        pthread_create(&thread[i], NULL, ask_often, NULL);
    until_end(NULL);
    for (int i = 0; i < count; i++)
        pthread_join(thread[i], NULL);
    printf("%lu\n", requests);
    return 0;
}

static void *serve_one(void *arg)
{
    int fd = (int)(long)arg, out = connect_to(sink_port);
    char head[HEAD_MAX];
    while (get(fd, head) && ask(out, "") && put(fd, "HTTP/1.1 204 None\r\n\r\n", 21))
        ;
    close(out);
    close(fd);
    return NULL;
}

static int serve(void)
{
    accept_all(listener(), serve_one);
    return 2;
}

int main(int argc, char **argv)
{
    asks_in = argc == 3;
    if (argc > 1 && strcmp(argv[1], "sink") == 0)
        return sink();
    if (argc < 3)
        return 2;
    sink_port = atoi(argv[2]);
    for (int i = 4; i < argc; i++)
        strcat(strcat(extra, argv[i]), "\r\n");
    return strcmp(argv[1], "serve") == 0 ? serve() : ask_in_threads(atoi(argv[3]));
}
