/* Asking C over plain sockets, and calls that belong to no request. C answers with Content-Length
 * (form=length). */
#ifndef CHAIN_ASK_H
#define CHAIN_ASK_H

#include "chain-app.h"

static int chain_c_port;

/* A connection to C, kept while C keeps it; `fd` is -1 at first. */
struct chain_client {
    struct chain_conn conn;
};

static inline struct chain_client *chain_client_new(void)
{
    struct chain_client *client = calloc(1, sizeof *client);
    if (!client)
        exit(1);
    client->conn.fd = -1;
    return client;
}

static inline bool chain_connect(struct chain_client *client)
{
    struct sockaddr_in addr = chain_address(chain_c_port);
    client->conn.used = 0;
    client->conn.buf[0] = '\0';
    client->conn.fd = socket(AF_INET, SOCK_STREAM, 0);
    return !connect(client->conn.fd, (void *)&addr, sizeof addr);
}

static inline void chain_disconnect(struct chain_client *client)
{
    if (client->conn.fd >= 0)
        close(client->conn.fd);
    client->conn.fd = -1;
}

static inline bool chain_send_ask(struct chain_client *client, const char *path)
{
    char text[2200];
    int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: c.test\r\n\r\n", path);
    return chain_send(client->conn.fd, text, (size_t)n);
}

/* C's answer into `answer`; its size, or -1. */
static inline ssize_t chain_get(struct chain_client *client, char *answer, size_t room)
{
    struct chain_request head;
    if (!chain_read_head(&client->conn, &head) || head.length >= room)
        return -1;
    while (client->conn.used < head.length)
        if (!chain_fill(&client->conn))
            return -1;
    memcpy(answer, client->conn.buf, head.length);
    chain_take(&client->conn, head.length);
    return (ssize_t)head.length;
}

/* Asks over the kept connection, or a new one where C has closed it. */
static inline ssize_t chain_ask(struct chain_client *client, const char *path, char *answer,
                                size_t room)
{
    for (int i = 0; i < 2; i++) {
        if (client->conn.fd >= 0 || chain_connect(client)) {
            ssize_t n = chain_send_ask(client, path) ? chain_get(client, answer, room) : -1;
            if (n >= 0)
                return n;
        }
        chain_disconnect(client);
    }
    return -1;
}

/* A thread that asks C on its own, for ever; ARG is the path. */
static inline void *chain_background(void *arg)
{
    struct chain_client *client = chain_client_new();
    char answer[512];
    for (;;) {
        chain_ask(client, arg, answer, sizeof answer);
        usleep(3000);
    }
    return NULL;
}

#endif
