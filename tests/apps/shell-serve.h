/* Makes the program work for a request that came in with baggage. */
#ifndef SHELL_SERVE_H
#define SHELL_SERVE_H

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define B       "user-id=user-12345,tenant-id=abcde"
#define REQUEST "GET / HTTP/1.1\r\nHost: b\r\nbaggage: " B "\r\n\r\n"

static void serve(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    char head[1024];
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&at, len) || listen(listener, 1) ||
        getsockname(listener, (struct sockaddr *)&at, &len))
        exit(2);
    pid_t client = fork();
    if (client == 0) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        int bad = connect(fd, (struct sockaddr *)&at, len) ||
                  write(fd, REQUEST, sizeof REQUEST - 1) != sizeof REQUEST - 1;
        _exit(bad);
    }
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    waitpid(client, NULL, 0);
    if (read(fd, head, sizeof head) != sizeof REQUEST - 1)
        exit(2);
}

#endif
