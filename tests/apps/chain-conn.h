/* What the programs that play B share: connections and threads. Blocking. */
#ifndef CHAIN_CONN_H
#define CHAIN_CONN_H

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHAIN_ROOM = 65536 };

/* A connection, and what was read of it and not used yet. */
struct chain_conn {
    int fd;
    size_t used;
    char buf[CHAIN_ROOM + 1];
};

static inline bool chain_fill(struct chain_conn *c)
{
    if (c->used == CHAIN_ROOM)
        return false;
    ssize_t n = recv(c->fd, c->buf + c->used, CHAIN_ROOM - c->used, 0);
    if (n <= 0)
        return false;
    c->used += (size_t)n;
    c->buf[c->used] = '\0';
    return true;
}

static inline void chain_take(struct chain_conn *c, size_t size)
{
    memmove(c->buf, c->buf + size, c->used - size + 1);
    c->used -= size;
}

static inline bool chain_skip(struct chain_conn *c, size_t size)
{
    while (size) {
        if (!c->used && !chain_fill(c))
            return false;
        size_t n = c->used < size ? c->used : size;
        chain_take(c, n);
        size -= n;
    }
    return true;
}

static inline bool chain_send(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

static inline struct sockaddr_in chain_address(int port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

/* PORT may be fd3: a socket that listens already. */
static inline int chain_listen(const char *port)
{
    if (!strncmp(port, "fd", 2))
        return atoi(port + 2);
    struct sockaddr_in addr = chain_address(atoi(port));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    if (bind(fd, (void *)&addr, sizeof addr) || listen(fd, 128))
        exit(1);
    return fd;
}

static inline void chain_start(void *(*run)(void *), void *arg)
{
    pthread_t thread;
    if (!pthread_create(&thread, NULL, run, arg))
        pthread_detach(thread);
}

#endif
