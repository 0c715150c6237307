/* curl-request COUNT: the client's CPU time for one request through libcurl on one handle, and its
 * connection. Prints nanoseconds. */
#include <curl/curl.h>

#include "bench.h"

static size_t drop(char *data, size_t size, size_t count, void *arg)
{
    (void)data;
    (void)arg;
    return size * count;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? atol(argv[1]) : 0;
    char url[64];
    if (count <= 0)
        return 2;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", bench_server());
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
    if (curl_easy_perform(curl) != CURLE_OK)
        return 1;
    double from = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    for (long i = 0; i < count; i++)
        if (curl_easy_perform(curl) != CURLE_OK)
            return 1;
    printf("%.2f\n", (clock_ns(CLOCK_THREAD_CPUTIME_ID) - from) / (double)count);
    curl_easy_cleanup(curl);
    return 0;
}
