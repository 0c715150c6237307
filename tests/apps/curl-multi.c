/* A program that drives a multi handle in one of libcurl's styles: curl-multi STYLE URL...
 * All URLs at once, every handle then removed and used for its URL once more. Prints each transfer
 * in the order of the arguments. APP_OWN adds that header; APP_FOLLOW follows redirects. */
#include "curl-app.h"

#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#define MAX_URLS 64

struct transfer {
    CURL *easy;
    const char *url;
    char body[256]; /* the first bytes of what came */
    size_t len;     /* of all that came */
    CURLcode rc;
};

/* For socket_action: the epoll set, and when libcurl wants to be called again (-1: not). */
struct loop {
    int epoll;
    long timeout_ms;
};

static struct transfer transfers[MAX_URLS];
static int count;

static size_t keep(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    size_t room = t->len < sizeof t->body - 1 ? sizeof t->body - 1 - t->len : 0;
    memcpy(t->body + t->len, data, size * n < room ? size * n : room);
    t->len += size * n;
    return size * n;
}

static void collect(CURLM *multi)
{
    int left;
    for (CURLMsg *msg; (msg = curl_multi_info_read(multi, &left));) {
        struct transfer *t = NULL;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        if (msg->msg == CURLMSG_DONE)
            t->rc = msg->data.result;
    }
}

static void drive_wait(CURLM *multi)
{
    int running;
    do {
        curl_multi_perform(multi, &running);
        if (running)
            curl_multi_wait(multi, NULL, 0, 1000, NULL);
        collect(multi);
    } while (running);
}

static void drive_poll(CURLM *multi)
{
    int running;
    do {
        curl_multi_perform(multi, &running);
        if (running)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
        collect(multi);
    } while (running);
}

static void drive_select(CURLM *multi)
{
    int running;
    do {
        curl_multi_perform(multi, &running);
        fd_set in, out, err;
        FD_ZERO(&in);
        FD_ZERO(&out);
        FD_ZERO(&err);
        int max = -1;
        curl_multi_fdset(multi, &in, &out, &err, &max);
        struct timeval wait = { .tv_usec = max < 0 ? 1000 : 100000 };
        if (running)
            select(max + 1, &in, &out, &err, &wait);
        collect(multi);
    } while (running);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    (void)easy;
    struct loop *loop = arg;
    struct epoll_event event = { .data.fd = fd };
    if (what & CURL_POLL_IN)
        event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT)
        event.events |= EPOLLOUT;
    if (what == CURL_POLL_REMOVE)
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
    else if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, fd, &event) != 0)
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event);
    (void)known;
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
    (void)multi;
    ((struct loop *)arg)->timeout_ms = timeout_ms;
    return 0;
}

static void one_event(CURLM *multi, struct loop *loop, int *running)
{
    struct epoll_event events[16];
    int timeout = loop->timeout_ms < 0 || loop->timeout_ms > 1000 ? 1000 : (int)loop->timeout_ms;
    int ready = epoll_wait(loop->epoll, events, 16, timeout);
    if (ready <= 0)
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, running);
    for (int i = 0; i < ready; i++) {
        int mask = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(multi, events[i].data.fd, mask, running);
    }
}

static void drive_socket(CURLM *multi)
{
    struct loop loop = { .epoll = epoll_create1(EPOLL_CLOEXEC), .timeout_ms = 0 };
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, &loop);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, &loop);
    int running = 0;
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    while (running) {
        one_event(multi, &loop, &running);
        collect(multi);
    }
    collect(multi);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, NULL);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, NULL);
    close(loop.epoll);
}

static const struct style {
    const char *name;
    void (*drive)(CURLM *multi);
} styles[] = {
    { "wait", drive_wait },
    { "poll", drive_poll },
    { "select", drive_select },
    { "socket", drive_socket },
};

static void prepare(struct transfer *t, struct curl_slist *own)
{
    t->easy = app_easy(t->url);
    curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
    curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, getenv("APP_FOLLOW") ? 1L : 0L);
    if (own)
        curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, own);
}

static void one_round(CURLM *multi, const struct style *style)
{
    for (int i = 0; i < count; i++) {
        transfers[i].len = 0;
        transfers[i].rc = CURL_LAST;
        memset(transfers[i].body, 0, sizeof transfers[i].body);
        if (curl_multi_add_handle(multi, transfers[i].easy) != CURLM_OK)
            exit(3);
    }
    style->drive(multi);
    for (int i = 0; i < count; i++) {
        long status = 0;
        curl_easy_getinfo(transfers[i].easy, CURLINFO_RESPONSE_CODE, &status);
        printf("%d: result %d status %ld length %zu %s", i, (int)transfers[i].rc, status,
               transfers[i].len, transfers[i].body);
        curl_multi_remove_handle(multi, transfers[i].easy);
    }
}

int main(int argc, char **argv)
{
    const struct style *style = NULL;
    for (size_t i = 0; argc > 2 && i < sizeof styles / sizeof *styles; i++)
        if (strcmp(argv[1], styles[i].name) == 0)
            style = &styles[i];
    if (!style || argc - 2 > MAX_URLS)
        return 2;
    curl_global_init(CURL_GLOBAL_ALL);
    struct curl_slist *own = getenv("APP_OWN") ? curl_slist_append(NULL, getenv("APP_OWN")) : NULL;
    for (count = 0; count < argc - 2; count++) {
        transfers[count].url = argv[count + 2];
        prepare(&transfers[count], own);
    }
    CURLM *multi = curl_multi_init();
    one_round(multi, style);
    one_round(multi, style);
    app_print_list(own);
    for (int i = 0; i < count; i++)
        curl_easy_cleanup(transfers[i].easy);
    curl_multi_cleanup(multi);
    curl_slist_free_all(own);
    curl_global_cleanup();
    return 0;
}
