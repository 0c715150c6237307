/* What the benchmark programs share: clocks, and a server that answers every request at once. */
#ifndef BELLHOP_TESTS_BENCH_H
#define BELLHOP_TESTS_BENCH_H

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static inline double clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static const char bench_answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

static inline void bench_serve(int fd)
{
    char in[16384];
    size_t len = 0;
    ssize_t n;
    while ((n = read(fd, in + len, sizeof in - len - 1)) > 0) {
        len += (size_t)n;
        in[len] = '\0';
        if (strstr(in, "\r\n\r\n")) {
            len = 0;
            if (write(fd, bench_answer, sizeof bench_answer - 1) < 0)
                break;
        } else if (len == sizeof in - 1) {
            break;
        }
    }
    close(fd);
}

static inline _Noreturn void bench_child(int port_to)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) < 0 || listen(fd, 16) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) < 0)
        _exit(1);
    int port = ntohs(a.sin_port);
    if (write(port_to, &port, sizeof port) != sizeof port)
        _exit(1);
    for (;;) {
        int client = accept(fd, NULL, NULL);
        if (client >= 0)
            bench_serve(client);
    }
}

/* Forks a server on a free loopback port, which ends with its parent. Returns the port. The parent
 * never listens: it stays a client. */
static inline int bench_server(void)
{
    int ends[2], port = 0;
    if (pipe(ends) < 0)
        exit(1);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        bench_child(ends[1]);
    }
    close(ends[1]);
    if (read(ends[0], &port, sizeof port) != sizeof port)
        exit(1);
    close(ends[0]);
    return port;
}

#endif
