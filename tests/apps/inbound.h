/* What the programs that are B from inside have in common: a client of their own, and calls to C.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static int ours, theirs; /* listening: this server, and the service that it calls */
static struct sockaddr_in at[2];

static inline void must(int good, const char *what)
{
    if (good)
        return;
    perror(what);
    _exit(1);
}

static inline int listening(struct sockaddr_in *where)
{
    socklen_t len = sizeof *where;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *where = (struct sockaddr_in){ .sin_family = AF_INET };
    where->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(bind(fd, (struct sockaddr *)where, len) == 0 && listen(fd, 64) == 0, "listen");
    getsockname(fd, (struct sockaddr *)where, &len);
    return fd;
}

/* --- the peers -------------------------------------------------------------------------------- */

static inline int client(void)
{
    int fd = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
    must(syscall(SYS_connect, fd, &at[0], sizeof at[0]) == 0, "connect");
    return fd;
}

static inline void says(int fd, const char *text)
{
    must(syscall(SYS_write, fd, text, strlen(text)) == (long)strlen(text), "client");
}

static inline void asks(int fd, const char *baggage)
{
    char text[256];
    snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\nbaggage: %s\r\n\r\n", baggage);
    says(fd, text);
}

static inline void hears(int fd)
{
    char text[256];
    must(syscall(SYS_read, fd, text, sizeof text) > 0, "answer");
}

static inline void show_call(void)
{
    char text[4096];
    int fd = (int)syscall(SYS_accept4, theirs, NULL, NULL, 0);
    long n = syscall(SYS_read, fd, text, sizeof text - 1);
    must(n > 0, "called");
    text[n] = '\0';
    char *line = strstr(text, "\r\nbaggage: ");
    if (line) {
        line += strlen("\r\nbaggage: ");
        line[strcspn(line, "\r")] = '\0';
    }
    printf("%s\n", line ? line : "nothing");
    syscall(SYS_close, fd);
}

/* --- the server ------------------------------------------------------------------------------- */

static inline void calls(void)
{
    static const char request[] = "GET /called HTTP/1.1\r\nHost: b\r\n\r\n";
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(fd, (struct sockaddr *)&at[1], sizeof at[1]) == 0, "connect");
    must(write(fd, request, sizeof request - 1) == (ssize_t)sizeof request - 1, "call");
    close(fd);
    show_call();
}

static inline void reads(int fd)
{
    char text[512];
    must(read(fd, text, sizeof text) > 0, "read");
}

static inline void answers(int fd)
{
    must(write(fd, ANSWER, sizeof ANSWER - 1) > 0, "write");
}

static inline int accepted(void)
{
    int fd = accept(ours, NULL, NULL);
    must(fd >= 0, "accept");
    return fd;
}
