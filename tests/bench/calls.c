/* calls KIND COUNT: nanoseconds of one call on what is not an HTTP stream: `file`, `pipe`, `socket`
 * (connected, carrying something else). `request COUNT`: the client's CPU time for one keep-alive
 * request of 400 bytes. Prints one number. Run with and without the shim by tests/bench/run. */
#include <fcntl.h>

#include "bench.h"

static double calls(int fd, long count, int other)
{
    char byte = 0x16, sink[4096];
    double from = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    for (long i = 0; i < count; i++) {
        if (write(fd, &byte, 1) != 1)
            exit(1);
        if (other >= 0 && i % 128 == 127 && read(other, sink, sizeof sink) < 0)
            exit(1);
    }
    return (clock_ns(CLOCK_THREAD_CPUTIME_ID) - from) / (double)count;
}

static int dial(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) < 0)
        exit(1);
    return fd;
}

static double requests(long count)
{
    char head[512] = "GET /some/path?with=a&query=string HTTP/1.1\r\nHost: service-b:8080\r\n"
                     "User-Agent: bench/1.0\r\nAccept: application/json, text/plain, */*\r\n"
                     "Accept-Language: en-US,en;q=0.9\r\nAccept-Encoding: gzip, deflate, br\r\n"
                     "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n"
                     "X-Request-Id: 0123456789abcdef\r\nCache-Control: no-cache\r\nX-Pad: ";
    char in[4096];
    size_t len = strlen(head);
    memset(head + len, 'x', 396 - len);
    memcpy(head + 396, "\r\n\r\n", 5);
    int fd = dial(bench_server());
    double from = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    for (long i = 0; i < count; i++)
        if (write(fd, head, 400) != 400 || read(fd, in, sizeof in) <= 0)
            exit(1);
    return (clock_ns(CLOCK_THREAD_CPUTIME_ID) - from) / (double)count;
}

int main(int argc, char **argv)
{
    int pipes[2] = { -1, -1 };
    long count = argc > 2 ? atol(argv[2]) : 0;
    if (argc != 3 || count <= 0)
        return 2;
    if (strcmp(argv[1], "file") == 0)
        printf("%.2f\n", calls(open("/dev/null", O_WRONLY), count, -1));
    else if (strcmp(argv[1], "pipe") == 0 && pipe(pipes) == 0)
        printf("%.2f\n", calls(pipes[1], count, pipes[0]));
    else if (strcmp(argv[1], "socket") == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pipes) == 0)
        printf("%.2f\n", calls(pipes[1], count, pipes[0]));
    else if (strcmp(argv[1], "request") == 0)
        printf("%.2f\n", requests(count));
    else
        return 2;
    return 0;
}
