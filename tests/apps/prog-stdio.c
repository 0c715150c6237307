/* Requests by libc's stdio and by plain calls, over one connection: prog-stdio WAY PORT. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int port;

static int peer(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

/* All until the server closes. */
static void show(FILE *in)
{
    char line[256];
    while (fgets(line, sizeof line, in))
        fputs(line, stdout);
}

static int by_fdopen(void)
{
    FILE *f = fdopen(peer(), "r+");
    fprintf(f, "POST /echo HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n", port);
    fprintf(f, "Content-Length: %d\r\n\r\n%s", 5, "hello");
    printf("%d %d\n", fflush(f), fileno(f) > 2);
    show(f);
    return fclose(f);
}

static int by_unbuffered(void)
{
    FILE *f = fdopen(peer(), "r+");
    setvbuf(f, NULL, _IONBF, 0);
    fprintf(f, "GET /%s HTTP/1.1\r\nHost: localhost\r\n", "unbuffered");
    fputs("Connection: close\r\n\r\n", f);
    show(f);
    return fclose(f);
}

static int by_dprintf(void)
{
    int fd = peer();
    printf("%d\n", dprintf(fd, "GET /dprintf HTTP/1.1\r\nConnection: close\r\n\r\n"));
    FILE *f = fdopen(fd, "r");
    show(f);
    return fclose(f);
}

/* First a call that we see, then one that we do not, then one that we see. */
static int by_both(void)
{
    int fd = peer();
    const char *first = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n";
    const char *last = "GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    FILE *f = fdopen(fd, "r+");
    printf("%d\n", write(fd, first, strlen(first)) == (ssize_t)strlen(first));
    fputs("hello", f);
    fflush(f);
    printf("%d\n", send(fd, last, strlen(last), 0) == (ssize_t)strlen(last));
    show(f);
    return fclose(f);
}

static int by_write(void)
{
    int fd = peer();
    const char *head = "GET /write HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    printf("%d\n", write(fd, head, strlen(head)) == (ssize_t)strlen(head));
    FILE *f = fdopen(fd, "r");
    show(f);
    return fclose(f);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } ways[] = { { "fdopen", by_fdopen },
                 { "unbuffered", by_unbuffered },
                 { "dprintf", by_dprintf },
                 { "both", by_both },
                 { "write", by_write } };
    port = argc == 3 ? atoi(argv[2]) : 0;
    for (size_t i = 0; port && i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(argv[1], ways[i].name) == 0)
            return ways[i].run();
    return 2;
}
