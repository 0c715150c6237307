/* A program which has a callback of its own before each request: curl-prereq SCENARIO URL [URL]. */
#include "curl-app.h"

struct seen {
    CURL *easy;
    int calls;
    int answer;
    struct curl_slist *next_list; /* set from within the callback, where libcurl allows it */
};

static int before(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    struct seen *seen = arg;
    seen->calls++;
    printf("before: peer %s known-port %d local %s known-port %d\n", peer, peer_port > 0, local,
           local_port > 0);
    if (seen->next_list)
        curl_easy_setopt(seen->easy, CURLOPT_HTTPHEADER, seen->next_list);
    return seen->answer;
}

static void perform(struct seen *seen)
{
    seen->calls = 0;
    app_perform(seen->easy);
    printf("calls %d\n", seen->calls);
}

static void own(const char *url, const char *other)
{
    struct seen seen = { .easy = app_easy(url), .answer = CURL_PREREQFUNC_OK };
    curl_easy_setopt(seen.easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(seen.easy, CURLOPT_PREREQFUNCTION, before);
    curl_easy_setopt(seen.easy, CURLOPT_PREREQDATA, &seen);
    perform(&seen);
    curl_easy_setopt(seen.easy, CURLOPT_URL, other);
    perform(&seen);
    curl_easy_setopt(seen.easy, CURLOPT_PREREQFUNCTION, NULL);
    perform(&seen);
    curl_easy_setopt(seen.easy, CURLOPT_PREREQFUNCTION, before);
    perform(&seen);
    curl_easy_cleanup(seen.easy);
}

static void no_to_all(const char *url, const char *other)
{
    struct seen seen = { .easy = app_easy(url), .answer = CURL_PREREQFUNC_ABORT };
    curl_easy_setopt(seen.easy, CURLOPT_PREREQDATA, &seen);
    curl_easy_setopt(seen.easy, CURLOPT_PREREQFUNCTION, before);
    perform(&seen);
    seen.answer = CURL_PREREQFUNC_OK;
    curl_easy_setopt(seen.easy, CURLOPT_URL, other);
    perform(&seen);
    curl_easy_cleanup(seen.easy);
}

/* The copy has the original's callback and data; a reset handle has neither. */
static void copies(const char *url, const char *other)
{
    struct seen seen = { .easy = app_easy(url), .answer = CURL_PREREQFUNC_OK };
    curl_easy_setopt(seen.easy, CURLOPT_PREREQFUNCTION, before);
    curl_easy_setopt(seen.easy, CURLOPT_PREREQDATA, &seen);
    CURL *copy = curl_easy_duphandle(seen.easy);
    curl_easy_setopt(copy, CURLOPT_RESOLVE, app_resolve());
    curl_easy_cleanup(seen.easy);
    seen.easy = copy;
    perform(&seen);
    curl_easy_reset(copy);
    app_setup(copy, other);
    perform(&seen);
    curl_easy_cleanup(copy);
}

static void sets_headers(const char *url, const char *other)
{
    (void)other;
    struct seen seen = { .easy = app_easy(url), .answer = CURL_PREREQFUNC_OK };
    seen.next_list = curl_slist_append(NULL, "X-Late: 1");
    curl_slist_append(seen.next_list, "Baggage: late=1");
    curl_easy_setopt(seen.easy, CURLOPT_PREREQFUNCTION, before);
    curl_easy_setopt(seen.easy, CURLOPT_PREREQDATA, &seen);
    perform(&seen);
    perform(&seen);
    app_print_list(seen.next_list);
    curl_easy_cleanup(seen.easy);
    curl_slist_free_all(seen.next_list);
}

static const struct scenario {
    const char *name;
    void (*run)(const char *url, const char *other);
} scenarios[] = {
    { "own", own },
    { "abort", no_to_all },
    { "copies", copies },
    { "sets-headers", sets_headers },
};

int main(int argc, char **argv)
{
    curl_global_init(CURL_GLOBAL_ALL);
    for (size_t i = 0; argc >= 3 && i < sizeof scenarios / sizeof *scenarios; i++)
        if (strcmp(argv[1], scenarios[i].name) == 0) {
            scenarios[i].run(argv[2], argv[argc > 3 ? 3 : 2]);
            curl_global_cleanup();
            return 0;
        }
    fprintf(stderr, "curl-prereq SCENARIO URL [URL]\n");
    return 2;
}
