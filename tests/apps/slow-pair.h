/* A connection over loopback with the smallest buffers there are, a reader that takes its time, and
 * what must arrive: for the programs that write over it by TLS.
 *
 *     ... blocking|waiting REQUESTS
 *
 * The first request of a call has a body that fills the buffers; every third call has two requests.
 */
#ifndef BELLHOP_TESTS_SLOW_PAIR_H
#define BELLHOP_TESTS_SLOW_PAIR_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <sys/syscall.h>

#define SLOW_CALL 12000

struct slow {
    int client, server;
    bool waits; /* the client's socket does not block */
    unsigned long calls, waited;
    char *seen; /* what arrived */
    size_t len, room;
};

static inline void slow_die(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(2);
}

static inline void slow_open(struct slow *s, bool waits)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0), least = 1;
    *s = (struct slow){ .client = socket(AF_INET, SOCK_STREAM, 0), .waits = waits };
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
    setsockopt(s->client, SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
    if (bind(listener, (struct sockaddr *)&at, len) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&at, &len) != 0 ||
        connect(s->client, (struct sockaddr *)&at, len) != 0 ||
        (s->server = (int)syscall(SYS_accept4, listener, NULL, NULL, 0)) < 0)
        slow_die("no connection");
    close(listener);
}

static inline void slow_seen(struct slow *s, const char *data, size_t len)
{
    if (s->len + len > s->room) {
        s->room = (s->len + len) * 2;
        s->seen = realloc(s->seen, s->room);
    }
    memcpy(s->seen + s->len, data, len);
    s->len += len;
    sched_yield();
}

/* The client cannot go on until it may write again. */
static inline void slow_wait(struct slow *s)
{
    struct pollfd p = { .fd = s->client, .events = POLLOUT };
    if (poll(&p, 1, 60000) != 1)
        slow_die("it may not write again");
    s->waited++;
}

static inline size_t slow_request(char *out, unsigned long number, size_t body, const char *line)
{
    size_t n = (size_t)sprintf(out,
                               "POST /%lu HTTP/1.1\r\nHost: a.test\r\nContent-Length: %zu\r\n"
                               "%s\r\n",
                               number, body, line);
    memset(out + n, 'a' + (int)(number % 26), body);
    return n + body;
}

/* What the program writes in one call, or what must arrive of it. */
static inline size_t slow_call(char *out, unsigned long number, const char *line)
{
    size_t n = slow_request(out, number, number * 37 % 9000, line);
    return number % 3 ? n : n + slow_request(out + n, number, 10, line);
}

/* Everything arrived, once and in order. */
static inline void slow_judge(const struct slow *s, unsigned long calls)
{
    static char must[SLOW_CALL], line[9000];
    const char *baggage = getenv("BAGGAGE");
    size_t at = 0;
    snprintf(line, sizeof line, "baggage: %s\r\n", baggage ? baggage : "");
    for (unsigned long i = 0; i < calls; i++) {
        size_t n = slow_call(must, i, baggage && *baggage ? line : "");
        if (s->len - at < n || memcmp(s->seen + at, must, n) != 0)
            slow_die("something else arrived");
        at += n;
    }
    if (at != s->len)
        slow_die("too much arrived");
    printf("%lu calls, %s\n", calls, s->waited > calls / 2 ? "waited often" : "hardly waited");
}

#endif
