/* One libcurl program for many habits of easy handles: curl-easy SCENARIO URL [URL]. It prints what
 * it sees; the suites compare that with a run without the shim, and look at what was sent. */
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "curl-app.h"

struct scenario {
    const char *name;
    void (*run)(const char *url, const char *other);
};

static void reuse(const char *url, const char *other)
{
    CURL *easy = app_easy(url);
    for (int i = 0; i < 6; i++) {
        curl_easy_setopt(easy, CURLOPT_URL, i % 2 ? other : url);
        app_perform(easy);
    }
    curl_easy_cleanup(easy);
}

/* The methods that libcurl knows, in turn on one handle. */
static void methods(const char *url, const char *other)
{
    (void)other;
    CURL *easy = app_easy(url);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "a=b");
    app_perform(easy);
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    app_perform(easy);
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    app_perform(easy);
    curl_easy_setopt(easy, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PATCH");
    app_perform(easy);
    curl_easy_cleanup(easy);
}

static void reset(const char *url, const char *other)
{
    CURL *easy = app_easy(url);
    struct curl_slist *list = curl_slist_append(NULL, "X-Own: before");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    app_perform(easy);
    curl_easy_reset(easy);
    app_setup(easy, other);
    app_perform(easy);
    curl_slist_free_all(list);
    curl_easy_reset(easy);
    app_setup(easy, url);
    app_perform(easy);
    curl_easy_cleanup(easy);
}

static void duplicate(const char *url, const char *other)
{
    CURL *easy = app_easy(url);
    struct curl_slist *list = curl_slist_append(NULL, "X-Own: dup");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    app_perform(easy);
    CURL *copy = curl_easy_duphandle(easy);
    curl_easy_setopt(copy, CURLOPT_RESOLVE, app_resolve());
    app_perform(copy);
    curl_easy_cleanup(easy);
    curl_easy_setopt(copy, CURLOPT_URL, other);
    app_perform(copy);
    CURL *third = curl_easy_duphandle(copy);
    curl_easy_cleanup(copy);
    curl_easy_setopt(third, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(list);
    app_perform(third);
    curl_easy_cleanup(third);
}

/* As libcurl allows: once no transfer needs it, the list is gone, and a new one comes. */
static void list_free(const char *url, const char *other)
{
    CURL *easy = app_easy(url);
    struct curl_slist *list = curl_slist_append(NULL, "X-Own: first");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    app_perform(easy);
    curl_slist_free_all(list);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
    app_perform(easy);
    list = curl_slist_append(NULL, "X-Own: second");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(easy, CURLOPT_URL, other);
    app_perform(easy);
    /* Freed while the handle still names it, which is fine if it is never performed again. */
    curl_slist_free_all(list);
    curl_easy_cleanup(easy);
}

/* The handle holds the head of the list, so what is appended later goes out without a setopt. */
static void list_append(const char *url, const char *other)
{
    CURL *easy = app_easy(url);
    struct curl_slist *list = curl_slist_append(NULL, "X-Own: 1");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    app_perform(easy);
    app_print_list(list);
    curl_slist_append(list, "X-More: 2");
    app_perform(easy);
    app_print_list(list);
    curl_slist_append(list, "Baggage: own=1");
    curl_easy_setopt(easy, CURLOPT_URL, other);
    app_perform(easy);
    app_print_list(list);
    curl_easy_cleanup(easy);
    curl_slist_free_all(list);
}

static void list_shared(const char *url, const char *other)
{
    CURL *easy[10];
    struct curl_slist *list = curl_slist_append(NULL, "X-Own: shared");
    curl_slist_append(list, "BAGGAGE: own=1");
    const struct curl_slist *first = list, *second = list->next;
    const char *data = second->data;
    for (int i = 0; i < 10; i++) {
        easy[i] = app_easy(i % 2 ? other : url);
        curl_easy_setopt(easy[i], CURLOPT_HTTPHEADER, list);
    }
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 10; i++)
            app_perform(easy[i]);
    for (int i = 0; i < 5; i++)
        curl_easy_cleanup(easy[i]);
    for (int i = 5; i < 10; i++)
        app_perform(easy[i]);
    app_print_list(list);
    printf("untouched %d\n",
           first == list && list->next == second && second->data == data && second->next == NULL);
    for (int i = 5; i < 10; i++)
        curl_easy_cleanup(easy[i]);
    curl_slist_free_all(list);
}

/* One entry changed in place, as a program does that refreshes a token. */
static void list_edit(const char *url, const char *other)
{
    (void)other;
    CURL *easy = app_easy(url);
    struct curl_slist *list = curl_slist_append(NULL, "X-Own: aaaa");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    app_perform(easy);
    memcpy(list->data, "X-Own: bbbb", sizeof "X-Own: bbbb");
    app_perform(easy);
    free(list->data);
    list->data = strdup("Baggage: user-id=mine");
    app_perform(easy);
    curl_easy_cleanup(easy);
    curl_slist_free_all(list);
}

static void parsed_url(const char *url, const char *other)
{
    CURLU *parsed = curl_url();
    CURL *easy = app_easy(url);
    curl_url_set(parsed, CURLUPART_URL, other, 0);
    curl_easy_setopt(easy, CURLOPT_CURLU, parsed);
    app_perform(easy);
    curl_url_set(parsed, CURLUPART_URL, url, 0);
    app_perform(easy);
    curl_easy_setopt(easy, CURLOPT_CURLU, NULL);
    curl_url_cleanup(parsed);
    curl_easy_setopt(easy, CURLOPT_URL, other);
    app_perform(easy);
    curl_easy_cleanup(easy);
}

/* libcurl copies the URL: the program's buffer may change at once. */
static void copied_url(const char *url, const char *other)
{
    char buffer[4096];
    CURL *easy = app_easy(url);
    snprintf(buffer, sizeof buffer, "%s", other);
    curl_easy_setopt(easy, CURLOPT_URL, buffer);
    memset(buffer, '!', sizeof buffer);
    app_perform(easy);
    curl_easy_cleanup(easy);
}

static size_t read_some(char *to, size_t size, size_t count, void *arg)
{
    int *left = arg;
    if (*left == 0)
        return 0;
    (*left)--;
    size_t len = size * count < 1000 ? size * count : 1000;
    memset(to, 'x', len);
    return len;
}

static void upload(const char *url, const char *other)
{
    (void)other;
    int left = 20;
    CURL *easy = app_easy(url);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_some);
    curl_easy_setopt(easy, CURLOPT_READDATA, &left);
    app_perform(easy);
    left = 7;
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)7000);
    app_perform(easy);
    curl_easy_cleanup(easy);
}

/* With CURLHEADER_UNIFIED libcurl sends the list to the proxy's CONNECT as well. */
static void unified(const char *url, const char *other)
{
    CURL *easy = app_easy(url);
    struct curl_slist *list = curl_slist_append(NULL, "X-Own: unified");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_UNIFIED);
    app_perform(easy);
    curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_URL, other);
    app_perform(easy);
    curl_easy_cleanup(easy);
    curl_slist_free_all(list);
}

/* The program speaks HTTP itself over a connection that libcurl opened. */
static void connect_only(const char *url, const char *other)
{
    (void)other;
    size_t done = 0;
    CURL *easy = app_easy(url);
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    app_perform(easy);
    static const char request[] = "NOTHTTP\r\n\r\n";
    CURLcode rc = curl_easy_send(easy, request, sizeof request - 1, &done);
    printf("send %d %zu\n", (int)rc, done);
    curl_socket_t fd = -1; /* the server has read it when it answers or closes */
    curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd);
    shutdown(fd, SHUT_WR);
    poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 5000);
    curl_easy_cleanup(easy);
}

static void errors(const char *url, const char *other)
{
    (void)other;
    CURLM *multi = curl_multi_init();
    CURL *easy = app_easy(url);
    printf("perform NULL %d\n", (int)curl_easy_perform(NULL));
    printf("setopt NULL %d\n", (int)curl_easy_setopt(NULL, CURLOPT_URL, url));
    printf("unknown option %d\n", (int)curl_easy_setopt(easy, (CURLoption)9999, 1L));
    printf("add NULL %d\n", (int)curl_multi_add_handle(NULL, easy));
    printf("add %d\n", (int)curl_multi_add_handle(multi, easy));
    printf("add again %d\n", (int)curl_multi_add_handle(multi, easy));
    printf("perform while in a multi %d\n", (int)curl_easy_perform(easy));
    printf("remove %d\n", (int)curl_multi_remove_handle(multi, easy));
    printf("remove again %d\n", (int)curl_multi_remove_handle(multi, easy));
    app_perform(easy);
    curl_easy_setopt(easy, CURLOPT_URL, NULL);
    app_perform(easy);
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
    curl_easy_cleanup(NULL);
}

static void shared_connections(const char *url, const char *other)
{
    CURLSH *share = curl_share_init();
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    for (int i = 0; i < 4; i++) {
        CURL *easy = app_easy(i % 2 ? other : url);
        curl_easy_setopt(easy, CURLOPT_SHARE, share);
        app_perform(easy);
        curl_easy_cleanup(easy);
    }
    curl_share_cleanup(share);
}

static void forked(const char *url, const char *other)
{
    CURL *easy = app_easy(url);
    app_perform(easy);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        CURL *own = app_easy(other);
        app_perform(own);
        curl_easy_cleanup(own);
        exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    printf("child %d\n", status);
    app_perform(easy);
    curl_easy_cleanup(easy);
}

static const char *last_url;

static void last_words(void)
{
    CURL *easy = app_easy(last_url);
    app_perform(easy);
    curl_easy_cleanup(easy);
}

static void at_exit(const char *url, const char *other)
{
    last_url = other;
    atexit(last_words);
    CURL *easy = app_easy(url);
    app_perform(easy);
    curl_easy_cleanup(easy);
}

static const struct scenario scenarios[] = {
    { "reuse", reuse },
    { "methods", methods },
    { "reset", reset },
    { "duplicate", duplicate },
    { "list-free", list_free },
    { "list-append", list_append },
    { "list-shared", list_shared },
    { "list-edit", list_edit },
    { "parsed-url", parsed_url },
    { "copied-url", copied_url },
    { "upload", upload },
    { "unified", unified },
    { "connect-only", connect_only },
    { "errors", errors },
    { "shared-connections", shared_connections },
    { "fork", forked },
    { "at-exit", at_exit },
};

int main(int argc, char **argv)
{
    curl_global_init(CURL_GLOBAL_ALL);
    for (size_t i = 0; argc >= 3 && i < sizeof scenarios / sizeof *scenarios; i++)
        if (strcmp(argv[1], scenarios[i].name) == 0) {
            scenarios[i].run(argv[2], argv[argc > 3 ? 3 : 2]);
            return 0;
        }
    fprintf(stderr, "curl-easy SCENARIO URL [URL]\n");
    return 2;
}
