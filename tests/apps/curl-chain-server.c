/* B as a small server of one's own over libcurl, one thread or one process for each connection:
 * curl-chain-server threads|fork|prefork|pool PORT C-URL. Each request makes it ask C for the same
 * path, over a libcurl handle that is kept for as long as the connection (pool and prefork: for as
 * long as the worker), and its answer is C's. */
#include <curl/curl.h>

#include "chain-app.h"

enum { WORKERS = 24 };

static const char *c_url;
static int listener;

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

/* One request; false when the connection is over. */
static bool serve_one(struct chain_conn *c, CURL *curl)
{
    struct chain_request r;
    struct answer a = { 0 };
    if (!chain_read_head(c, &r))
        return false;
    bool ok = (r.early || chain_skip_body(c, &r)) && ask_c(curl, r.path, &a) &&
              chain_reply(c->fd, &r, a.data ? a.data : "", a.size) &&
              (!r.early || chain_skip_body(c, &r));
    free(a.data);
    return ok && r.keep;
}

static void serve(int fd, CURL *curl)
{
    struct chain_conn *c = calloc(1, sizeof *c);
    if (c) {
        c->fd = fd;
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

static void accept_forever(bool forks)
{
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        if (!forks) {
            chain_start(on_connection, (void *)(intptr_t)fd);
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
    signal(SIGCHLD, SIG_IGN);
    c_url = argv[3];
    curl_global_init(CURL_GLOBAL_DEFAULT);
    listener = chain_listen(argv[2]);
    if (!strcmp(argv[1], "prefork"))
        for (int i = 1; i < WORKERS; i++)
            if (fork() == 0)
                break;
    if (!strcmp(argv[1], "pool"))
        for (int i = 1; i < WORKERS; i++)
            chain_start(worker, NULL);
    if (!strcmp(argv[1], "prefork") || !strcmp(argv[1], "pool"))
        worker(NULL);
    accept_forever(!strcmp(argv[1], "fork"));
    return 0;
}
