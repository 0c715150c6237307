/* What the libcurl programs of the suites have in common: how they find the test bed. APP_RESOLVE
 * is a comma list of name:port:address, APP_CA a file, APP_HTTP2 set for HTTP/2, APP_PROXY a proxy.
 */
#ifndef BELLHOP_TESTS_CURL_APP_H
#define BELLHOP_TESTS_CURL_APP_H

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The list for CURLOPT_RESOLVE, made once, never freed: it must outlive every handle. */
static inline struct curl_slist *app_resolve(void)
{
    static struct curl_slist *list;
    const char *text = getenv("APP_RESOLVE");
    if (list || !text)
        return list;
    char *copy = strdup(text), *save = NULL;
    for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save))
        list = curl_slist_append(list, word);
    free(copy);
    return list;
}

/* Sets what leads a handle to the test bed, as after curl_easy_init or curl_easy_reset. */
static inline void app_setup(CURL *easy, const char *url)
{
    const char *ca = getenv("APP_CA"), *h2 = getenv("APP_HTTP2"), *proxy = getenv("APP_PROXY");
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_RESOLVE, app_resolve());
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 90L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    if (ca && *ca)
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca);
    if (proxy && *proxy)
        curl_easy_setopt(easy, CURLOPT_PROXY, proxy);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     (long)(h2 && *h2 ? CURL_HTTP_VERSION_2_0 : CURL_HTTP_VERSION_1_1));
}

static inline CURL *app_easy(const char *url)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        exit(2);
    app_setup(easy, url);
    return easy;
}

/* Performs, and prints what the program can see of it. */
static inline CURLcode app_perform(CURL *easy)
{
    long status = 0, redirects = 0;
    fflush(stdout);
    CURLcode rc = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_COUNT, &redirects);
    printf("result %d status %ld redirects %ld\n", (int)rc, status, redirects);
    return rc;
}

static inline void app_print_list(const struct curl_slist *list)
{
    for (const struct curl_slist *node = list; node; node = node->next)
        printf("list: %s\n", node->data);
}

static inline size_t app_discard(char *data, size_t size, size_t count, void *arg)
{
    (void)data;
    (void)arg;
    return size * count;
}

#endif
