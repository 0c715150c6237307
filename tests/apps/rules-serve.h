/* B in C, blocking: for each request it makes one of its own over TLS, and answers when that is
 * answered. The header X-Do says what it asks for: "plain URL" or "post URL". Here is all but TLS.
 */
#ifndef RULES_SERVE_H
#define RULES_SERVE_H

#include <sys/un.h>

#include "chain-app.h"

/* Sends the text over a new TLS connection on FD, and reads until its end; whether any came. */
static bool rules_exchange(int fd, const char *host, const char *text, size_t size);

static inline int rules_listen(const char *where)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    if (where[0] != '/')
        return chain_listen(where);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(addr.sun_path, sizeof addr.sun_path, "%s", where);
    if (bind(fd, (void *)&addr, sizeof addr) || listen(fd, 16))
        exit(1);
    return fd;
}

static inline bool rules_ask_here(const char *what)
{
    char how[16], host[128], path[1024], text[1400];
    int port;
    if (sscanf(what, "%15s https://%127[^:]:%d%1023s", how, host, &port, path) != 4)
        return false;
    bool post = !strcmp(how, "post");
    int n = snprintf(
        text, sizeof text, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n%s",
        post ? "POST" : "GET", path, host, post ? "Content-Length: 1\r\n" : "", post ? "x" : "");
    struct sockaddr_in addr = chain_address(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool good =
        !connect(fd, (void *)&addr, sizeof addr) && rules_exchange(fd, host, text, (size_t)n);
    close(fd);
    return good;
}

static inline void *rules_ask_there(void *what)
{
    return rules_ask_here(what) ? what : NULL;
}

static inline bool rules_ask(char *what)
{
    pthread_t thread;
    void *good = NULL;
    if (strncmp(what, "thread-", 7))
        return rules_ask_here(what);
    return !pthread_create(&thread, NULL, rules_ask_there, what + 7) &&
           !pthread_join(thread, &good) && good;
}

static inline void rules_serve_one(struct chain_conn *conn)
{
    struct chain_request request;
    while (strstr(conn->buf, "\r\n\r\n") || chain_fill(conn)) {
        char what[1200] = "";
        if (!strstr(conn->buf, "\r\n\r\n"))
            continue;
        const char *header = chain_header(conn->buf, "X-Do");
        if (header)
            snprintf(what, sizeof what, "%.*s", (int)strcspn(header, "\r"), header);
        chain_head(conn, &request);
        if (!rules_ask(what) || !chain_reply(conn->fd, &request, "ok", 2) || !request.keep)
            break;
    }
}

static inline void *rules_serve(void *arg)
{
    struct chain_conn *conn = arg;
    rules_serve_one(conn);
    close(conn->fd);
    free(conn);
    return NULL;
}

/* A thread a connection, for ever. */
static inline void rules_run(const char *where)
{
    int listener = rules_listen(where);
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        struct chain_conn *conn = calloc(1, sizeof *conn);
        if (!conn)
            exit(1);
        conn->fd = accept(listener, NULL, NULL);
        chain_start(rules_serve, conn);
    }
}

#endif
