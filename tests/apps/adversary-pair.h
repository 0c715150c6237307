/* Two ends of a connection in one process, and what must arrive at the far one. */
#ifndef BELLHOP_TESTS_ADVERSARY_PAIR_H
#define BELLHOP_TESTS_ADVERSARY_PAIR_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
#include <sys/syscall.h>

#define REQUEST     "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n"
#define REQUEST_LEN (sizeof REQUEST - 1)
#define HALF        20 /* of its bytes */

struct pair {
    int client, server;
};

#define must(what)                                                                                 \
    ((what) ? (void)0 : (printf("line %d: %s (errno %d)\n", __LINE__, #what, errno), exit(1)))

static struct sockaddr_un pair_address = { .sun_family = AF_UNIX };
static int pair_listener = -1;

static inline void pair_listen(void)
{
    snprintf(pair_address.sun_path + 1, sizeof pair_address.sun_path - 1, "pair-%d", getpid());
    pair_listener = socket(AF_UNIX, SOCK_STREAM, 0);
    must(bind(pair_listener, (struct sockaddr *)&pair_address, sizeof pair_address) == 0);
    must(listen(pair_listener, 4096) == 0);
}

static inline struct pair pair_connect(int client)
{
    struct pair p = { .client = client };
    must(client >= 0);
    must(connect(client, (struct sockaddr *)&pair_address, sizeof pair_address) == 0);
    /* Unseen: that this process also serves is of no concern here. */
    p.server = (int)syscall(SYS_accept4, pair_listener, NULL, NULL, 0);
    must(p.server >= 0);
    return p;
}

static inline struct pair pair_open(void)
{
    return pair_connect(socket(AF_UNIX, SOCK_STREAM, 0));
}

static inline void pair_close(struct pair p)
{
    close(p.client);
    close(p.server);
}

/* The request as it must arrive when something is carried. */
static inline const char *carried(void)
{
    static char text[1024];
    if (!*text)
        snprintf(text, sizeof text, "GET /a HTTP/1.1\r\nHost: a.test\r\nbaggage: %s\r\n\r\n",
                 getenv("BAGGAGE"));
    return text;
}

static inline void must_read_at(int fd, const char *text, int line)
{
    char data[4096] = "";
    size_t len = strlen(text), got = 0;
    while (got < len) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        ssize_t n = poll(&p, 1, 20000) == 1 ? read(fd, data + got, len - got) : -1;
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    if (got != len || memcmp(data, text, len) != 0) {
        printf("line %d: must\n%s\n--- did\n%s\n", line, text, data);
        exit(1);
    }
}
#define must_read(fd, text) must_read_at(fd, text, __LINE__)

static inline void must_be_empty(int fd)
{
    char c;
    must(recv(fd, &c, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
}

/* One more request, which is carried. */
static inline void must_carry_at(struct pair p, int line)
{
    if (write(p.client, REQUEST, sizeof REQUEST - 1) != sizeof REQUEST - 1)
        printf("line %d: write\n", line), exit(1);
    must_read_at(p.server, carried(), line);
}
#define must_carry(p) must_carry_at(p, __LINE__)

/* A request by one of six functions; ends the process if it does not go out whole. */
static inline void send_by(int way, int fd)
{
    struct iovec iov[2] = { { (void *)(uintptr_t)REQUEST, HALF },
                            { (void *)(uintptr_t)&REQUEST[HALF], REQUEST_LEN - HALF } };
    struct mmsghdr m = { .msg_hdr = { .msg_iov = iov, .msg_iovlen = 2 } };
    ssize_t n = -1;
    switch (way) {
    case 0:
        n = write(fd, REQUEST, REQUEST_LEN);
        break;
    case 1:
        n = writev(fd, iov, 2);
        break;
    case 2:
        n = sendto(fd, REQUEST, REQUEST_LEN, 0, NULL, 0);
        break;
    case 3:
        n = sendmsg(fd, &m.msg_hdr, 0);
        break;
    case 4:
        n = sendmmsg(fd, &m, 1, 0) == 1 ? (ssize_t)m.msg_len : -1;
        break;
    default:
        n = pwritev2(fd, iov, 2, -1, 0);
    }
    if (n != (ssize_t)REQUEST_LEN)
        _exit(81);
}
#define SEND_WAYS 6

#endif
