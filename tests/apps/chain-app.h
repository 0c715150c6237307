/* What the programs that play B share: reading requests, and answering them. Blocking. */
#ifndef CHAIN_APP_H
#define CHAIN_APP_H

#include "chain-conn.h"

struct chain_request {
    char method[16], path[2048];
    bool keep, early, chunked, upgrade;
    size_t length;
};

/* The value of header NAME in a head that ends with a zero byte, or NULL. */
static inline const char *chain_header(const char *head, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strchr(head, '\n'); at; at = strchr(at + 1, '\n'))
        if (!strncasecmp(at + 1, name, length) && at[1 + length] == ':')
            return at + length + 2 + strspn(at + length + 2, " \t");
    return NULL;
}

/* Whether a whole head is there; takes it out. */
static inline bool chain_head(struct chain_conn *c, struct chain_request *r)
{
    char *end = strstr(c->buf, "\r\n\r\n");
    if (!end)
        return false;
    end[2] = '\0';
    memset(r, 0, sizeof *r);
    if (sscanf(c->buf, "%15s %2047s", r->method, r->path) != 2)
        r->path[0] = '\0';
    const char *size = chain_header(c->buf, "Content-Length");
    r->length = size ? strtoul(size, NULL, 10) : 0;
    r->keep = !strstr(c->buf, " HTTP/1.0\r\n");
    r->early = chain_header(c->buf, "X-Early");
    r->upgrade = chain_header(c->buf, "Upgrade");
    r->chunked = chain_header(c->buf, "Transfer-Encoding");
    if (chain_header(c->buf, "Expect"))
        (void)!send(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL);
    chain_take(c, (size_t)(end + 4 - c->buf));
    return true;
}

static inline bool chain_read_head(struct chain_conn *c, struct chain_request *r)
{
    while (!chain_head(c, r))
        if (!chain_fill(c))
            return false;
    return r->path[0];
}

static inline bool chain_skip_chunks(struct chain_conn *c)
{
    for (;;) {
        char *end;
        while (!(end = strstr(c->buf, "\r\n")))
            if (!chain_fill(c))
                return false;
        size_t size = strtoul(c->buf, NULL, 16);
        chain_take(c, (size_t)(end + 2 - c->buf));
        if (!chain_skip(c, size + 2))
            return false;
        if (!size)
            return true;
    }
}

static inline bool chain_skip_body(struct chain_conn *c, const struct chain_request *r)
{
    return r->chunked ? chain_skip_chunks(c) : chain_skip(c, r->length);
}

static inline bool chain_reply(int fd, const struct chain_request *r, const char *data, size_t size)
{
    char head[160];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: %s\r\n\r\n", size,
                     r->keep ? "keep-alive" : "close");
    bool bodiless = !strcmp(r->method, "HEAD");
    return send(fd, head, (size_t)n, MSG_NOSIGNAL | (bodiless ? 0 : MSG_MORE)) == n &&
           (bodiless || chain_send(fd, data, size));
}

#endif
