/* dltls MODE PORT: a request over OpenSSL that is loaded late and asked by dlsym. MODE: local,
 * global or deepbind. "dltls probe": which functions of TLS libraries dlsym(RTLD_DEFAULT) finds
 * where there is no such library. Prints the answer. It links no TLS library on purpose. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void *ssl;

static void *ask(const char *name)
{
    void *found = dlsym(ssl, name);
    if (!found)
        exit(3);
    return found;
}

static int dial(const char *port)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((unsigned short)atoi(port)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) < 0)
        exit(4);
    return fd;
}

static int probe(void)
{
    static const char *const names[] = { "SSL_write", "SSL_read", "BIO_write", "gnutls_init",
                                         "gnutls_record_send" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        printf("%s: %s\n", names[i], dlsym(RTLD_DEFAULT, names[i]) ? "found" : "not found");
    return 0;
}

/* All but the date, which differs from one run to the next. */
static void show(char *answer, size_t len)
{
    answer[len] = '\0';
    for (char *line = answer; *line;) {
        size_t n = strcspn(line, "\n");
        n += line[n] == '\n';
        if (strncmp(line, "Date:", 5) != 0)
            fwrite(line, 1, n, stdout);
        line += n;
    }
}

int main(int argc, char **argv)
{
    const char request[] = "GET /a HTTP/1.1\r\nHost: service-b\r\nConnection: close\r\n\r\n";
    char in[8192];
    size_t got = 0;
    int mode = RTLD_NOW, n;
    if (argc == 2)
        return probe();
    if (argc != 3)
        return 2;
    mode |= strcmp(argv[1], "deepbind") == 0 ? RTLD_DEEPBIND : 0;
    mode |= strcmp(argv[1], "global") == 0 ? RTLD_GLOBAL : RTLD_LOCAL;
    ssl = dlopen("libssl.so.3", mode);
    if (!ssl)
        return 1;
    const void *(*method)(void) = ask("TLS_client_method");
    void *(*context_new)(const void *) = ask("SSL_CTX_new");
    void *(*new)(void *) = ask("SSL_new");
    int (*set_fd)(void *, int) = ask("SSL_set_fd");
    int (*connect_tls)(void *) = ask("SSL_connect");
    int (*write_tls)(void *, const void *, int) = ask("SSL_write");
    int (*read_tls)(void *, void *, int) = ask("SSL_read");
    void (*free_tls)(void *) = ask("SSL_free");
    void *session = new (context_new(method()));
    int fd = dial(argv[2]);
    if (!set_fd(session, fd) || connect_tls(session) != 1)
        return 5;
    if (write_tls(session, request, sizeof request - 1) != sizeof request - 1)
        return 6;
    while (got < sizeof in - 1 && (n = read_tls(session, in + got, (int)(sizeof in - 1 - got))) > 0)
        got += (size_t)n;
    show(in, got);
    free_tls(session);
    close(fd);
    return 0;
}
