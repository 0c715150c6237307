/* Preloaded behind the shim, so that its constructor runs before, and its destructor after, the
 * shim's: hooks must work at any moment. EARLY names what it does: "start" or "end". */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A request is accepted, waited for, read and answered; its peer is raw system calls. */
static void serve(void)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\nbaggage: k=1\r\n\r\n";
    static const char answer[] = "HTTP/1.1 204 No Content\r\n\r\n";
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof at;
    char got[128] = "";
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0), set = epoll_create1(0);
    if (bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, 1) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        _exit(93);
    int client = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
    if (syscall(SYS_connect, client, &at, len) != 0)
        _exit(94);
    int server = accept(fd, NULL, NULL);
    struct epoll_event event = { .events = EPOLLIN };
    if (server < 0 || epoll_ctl(set, EPOLL_CTL_ADD, server, &event) != 0 ||
        syscall(SYS_write, client, request, sizeof request - 1) < 0 ||
        epoll_wait(set, &event, 1, 10000) != 1)
        _exit(95);
    if (read(server, got, sizeof got) != sizeof request - 1 || strcmp(got, request) != 0 ||
        write(server, answer, sizeof answer - 1) != sizeof answer - 1 ||
        syscall(SYS_read, client, got, sizeof got) != sizeof answer - 1)
        _exit(96);
    syscall(SYS_close, client);
    close(server);
    close(set);
    close(fd);
}

static void use(const char *moment)
{
    static const char request[] = "GET /early HTTP/1.1\r\nHost: a\r\n\r\n";
    char got[64] = "";
    int two[2], copy;
    const char *asked = getenv("EARLY");
    if (!asked || strcmp(asked, moment) != 0)
        return;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, two) != 0 || (copy = dup(two[0])) < 0)
        _exit(90);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || write(copy, request, sizeof request - 1) != sizeof request - 1)
        _exit(91);
    if (recv(two[1], got, sizeof got - 1, 0) != sizeof request - 1 || strcmp(got, request) != 0)
        _exit(92);
    close(fd);
    close(copy);
    close(two[0]);
    close(two[1]);
    serve();
    fprintf(stderr, "used at the %s\n", moment);
}

__attribute__((constructor(101))) static void start(void)
{
    use("start");
}

__attribute__((destructor(101))) static void end(void)
{
    use("end");
}
