/* B as a small server of one's own over libcurl, one thread or one process for each connection:
 * curl-chain-server threads|fork|prefork|pool PORT C-URL. Each request makes it ask C for the same
 * path, over a libcurl handle that is kept for as long as the connection (pool and prefork: for as
 * long as the worker), and its answer is C's. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 65536, WORKERS = 16 };

static const char *c_url;
static int listener;

/* A connection, and what was read of it and not used yet. */
struct conn {
    int fd;
    size_t used;
    char buf[ROOM + 1];
};

struct answer {
    char *data;
    size_t size;
};

static size_t on_data(char *data, size_t size, size_t count, void *arg)
{
    struct answer *a = arg;
    char *more = realloc(a->data, a->size + size * count + 1);
    if (!more)
        return 0;
    a->data = more;
    memcpy(a->data + a->size, data, size * count);
    a->size += size * count;
    return size * count;
}

static bool ask_c(CURL *curl, const char *path, struct answer *a)
{
    char url[4096];
    snprintf(url, sizeof url, "%s%s", c_url, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, a);
    return curl_easy_perform(curl) == CURLE_OK;
}

static bool send_all(int fd, const char *data, size_t size)
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

static bool fill(struct conn *c)
{
    if (c->used == ROOM)
        return false;
    ssize_t n = recv(c->fd, c->buf + c->used, ROOM - c->used, 0);
    if (n <= 0)
        return false;
    c->used += (size_t)n;
    c->buf[c->used] = '\0';
    return true;
}

static void take(struct conn *c, size_t size)
{
    memmove(c->buf, c->buf + size, c->used - size + 1);
    c->used -= size;
}

/* The value of header NAME of a head that ends with a zero byte, or NULL. */
static const char *header(const char *head, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strchr(head, '\n'); at; at = strchr(at + 1, '\n'))
        if (!strncasecmp(at + 1, name, length) && at[1 + length] == ':')
            return at + length + 2 + strspn(at + length + 2, " \t");
    return NULL;
}

static bool skip(struct conn *c, size_t size)
{
    while (size) {
        if (!c->used && !fill(c))
            return false;
        size_t n = c->used < size ? c->used : size;
        take(c, n);
        size -= n;
    }
    return true;
}

static char *line_end(struct conn *c)
{
    char *end;
    while (!(end = strstr(c->buf, "\r\n")))
        if (!fill(c))
            return NULL;
    return end;
}

static bool skip_chunks(struct conn *c)
{
    for (;;) {
        char *end = line_end(c);
        if (!end)
            return false;
        size_t size = strtoul(c->buf, NULL, 16);
        take(c, (size_t)(end + 2 - c->buf));
        if (!skip(c, size + 2))
            return false;
        if (!size)
            return true;
    }
}

static bool skip_body(struct conn *c, size_t length, bool chunked)
{
    return chunked ? skip_chunks(c) : skip(c, length);
}

static bool reply(int fd, const struct answer *a, bool head_only, bool keep)
{
    char head[160];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: %s\r\n\r\n", a->size,
                     keep ? "keep-alive" : "close");
    return send(fd, head, (size_t)n, MSG_NOSIGNAL | (head_only ? 0 : MSG_MORE)) == n &&
           (head_only || send_all(fd, a->data ? a->data : "", a->size));
}

/* One request; false when the connection is over. */
static bool serve_one(struct conn *c, CURL *curl)
{
    char *end, path[2048], method[16];
    while (!(end = strstr(c->buf, "\r\n\r\n")))
        if (!fill(c))
            return false;
    end[2] = '\0';
    if (sscanf(c->buf, "%15s %2047s", method, path) != 2)
        return false;
    bool keep = !strstr(c->buf, " HTTP/1.0\r\n");
    bool early = header(c->buf, "X-Early");
    const char *coding = header(c->buf, "Transfer-Encoding"),
               *size = header(c->buf, "Content-Length");
    size_t length = size ? strtoul(size, NULL, 10) : 0;
    if (header(c->buf, "Expect"))
        send_all(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    take(c, (size_t)(end + 4 - c->buf));
    struct answer a = { 0 };
    bool ok = (early || skip_body(c, length, coding)) && ask_c(curl, path, &a) &&
              reply(c->fd, &a, !strcmp(method, "HEAD"), keep);
    if (ok && early)
        ok = skip_body(c, length, coding);
    free(a.data);
    return ok && keep;
}

static void serve(int fd, CURL *curl)
{
    struct conn *c = malloc(sizeof *c);
    if (c) {
        c->fd = fd;
        c->used = 0;
        c->buf[0] = '\0';
        while (serve_one(c, curl))
            ;
    }
    free(c);
    close(fd);
}

static void *on_connection(void *arg)
{
    CURL *curl = curl_easy_init();
    serve((int)(intptr_t)arg, curl);
    curl_easy_cleanup(curl);
    return NULL;
}

static void *worker(void *arg)
{
    CURL *curl = curl_easy_init();
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0)
            serve(fd, curl);
    }
    return arg;
}

static void start(void *(*run)(void *), void *arg)
{
    pthread_t thread;
    if (!pthread_create(&thread, NULL, run, arg))
        pthread_detach(thread);
}

static void accept_forever(bool forks)
{
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        if (!forks) {
            start(on_connection, (void *)(intptr_t)fd);
            continue;
        }
        if (fork() == 0) {
            close(listener);
            on_connection((void *)(intptr_t)fd);
            exit(0);
        }
        close(fd);
    }
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    struct sockaddr_in addr = { .sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(argv[2])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    signal(SIGCHLD, SIG_IGN);
    c_url = argv[3];
    curl_global_init(CURL_GLOBAL_DEFAULT);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    if (bind(listener, (void *)&addr, sizeof addr) || listen(listener, 128))
        return 1;
    if (!strcmp(argv[1], "prefork"))
        for (int i = 1; i < WORKERS + 8; i++)
            if (fork() == 0)
                break;
    if (!strcmp(argv[1], "pool"))
        for (int i = 1; i < WORKERS + 8; i++)
            start(worker, NULL);
    if (!strcmp(argv[1], "prefork") || !strcmp(argv[1], "pool"))
        worker(NULL);
    accept_forever(!strcmp(argv[1], "fork"));
    return 0;
}
