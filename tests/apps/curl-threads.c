/* Handles and threads: curl-threads each URL: eight threads with handles of their own;
 * curl-threads hand URL: two handles handed from thread to thread; curl-threads share URL: eight
 * threads over shared DNS and TLS sessions, one header list for all. */
#include "curl-app.h"

#include <pthread.h>

#define THREADS  8
#define REQUESTS 10

static const char *target;
static struct curl_slist *common;
static CURLSH *sharing;
static pthread_mutex_t locks[CURL_LOCK_DATA_LAST];
static int failures;

static void lock(CURL *easy, curl_lock_data data, curl_lock_access access, void *arg)
{
    (void)easy;
    (void)access;
    (void)arg;
    pthread_mutex_lock(&locks[data]);
}

static void unlock(CURL *easy, curl_lock_data data, void *arg)
{
    (void)easy;
    (void)arg;
    pthread_mutex_unlock(&locks[data]);
}

static CURL *quiet(void)
{
    CURL *easy = app_easy(target);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, app_discard);
    curl_easy_setopt(easy, CURLOPT_SHARE, sharing);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, common);
    return easy;
}

static void *work(void *arg)
{
    (void)arg;
    CURL *easy = quiet();
    for (int i = 0; i < REQUESTS; i++)
        if (curl_easy_perform(easy) != CURLE_OK)
            __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
    curl_easy_cleanup(easy);
    return NULL;
}

static void *once(void *easy)
{
    if (curl_easy_perform(easy) != CURLE_OK)
        __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void *finish(void *easy)
{
    once(easy);
    curl_easy_cleanup(easy);
    return NULL;
}

static void in_threads(void *(*run)(void *), void *a, void *b)
{
    pthread_t first, second;
    pthread_create(&first, NULL, run, a);
    pthread_create(&second, NULL, run, b);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
}

static void hand(void)
{
    CURL *a = quiet(), *b = quiet();
    for (int i = 0; i < REQUESTS; i++) {
        in_threads(once, i % 2 ? a : b, i % 2 ? b : a);
        once(a);
    }
    in_threads(finish, a, b);
}

static void each(void)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void share(void)
{
    for (int i = 0; i < CURL_LOCK_DATA_LAST; i++)
        pthread_mutex_init(&locks[i], NULL);
    common = curl_slist_append(curl_slist_append(NULL, "X-Own: all"), "baggage: own=1");
    sharing = curl_share_init();
    curl_share_setopt(sharing, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(sharing, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_share_setopt(sharing, CURLSHOPT_LOCKFUNC, lock);
    curl_share_setopt(sharing, CURLSHOPT_UNLOCKFUNC, unlock);
    each();
    app_print_list(common);
    curl_share_cleanup(sharing);
    curl_slist_free_all(common);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    target = argv[2];
    curl_global_init(CURL_GLOBAL_ALL);
    app_resolve();
    if (strcmp(argv[1], "each") == 0)
        each();
    else if (strcmp(argv[1], "hand") == 0)
        hand();
    else
        share();
    printf("failures %d\n", failures);
    curl_global_cleanup();
    return failures != 0;
}
