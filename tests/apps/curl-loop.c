/* Many requests on one handle: curl-loop COUNT URL. Prints how much heap and memory grew between
 * the first hundred and the last request, in bytes. APP_LIST changes the header list each time,
 * APP_FRESH takes a new handle each time, and APP_MULTI a new multi handle. */
#include "curl-app.h"

#include <malloc.h>
#include <unistd.h>

static long resident(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%*d %ld", &pages) != 1)
        pages = -1;
    if (file)
        fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static CURLcode perform(CURL *easy)
{
    int running = 0;
    long status = 0;
    if (!getenv("APP_MULTI"))
        return curl_easy_perform(easy);
    CURLM *multi = curl_multi_init();
    curl_multi_add_handle(multi, easy);
    while (curl_multi_perform(multi, &running) == CURLM_OK && running)
        curl_multi_poll(multi, NULL, 0, 1000, NULL);
    curl_multi_remove_handle(multi, easy);
    curl_multi_cleanup(multi);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status == 200 ? CURLE_OK : CURLE_HTTP_RETURNED_ERROR;
}

static CURL *fresh(const char *url)
{
    CURL *easy = app_easy(url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, app_discard);
    return easy;
}

static void one(CURL *easy, int i)
{
    char line[64];
    struct curl_slist *list = NULL;
    if (getenv("APP_LIST")) {
        snprintf(line, sizeof line, i % 3 ? "X-Number: %d" : "Baggage: n=%d", i);
        list = curl_slist_append(NULL, line);
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    CURLcode rc = perform(easy);
    if (rc != CURLE_OK) {
        fprintf(stderr, "request %d: %s\n", i, curl_easy_strerror(rc));
        exit(1);
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(list);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    int count = atoi(argv[1]);
    size_t heap = 0;
    long rss = 0;
    curl_global_init(CURL_GLOBAL_ALL);
    CURL *easy = fresh(argv[2]);
    for (int i = 0; i < count; i++) {
        if (i == 100) {
            heap = mallinfo2().uordblks;
            rss = resident();
        }
        one(easy, i);
        if (getenv("APP_FRESH")) {
            curl_easy_cleanup(easy);
            easy = fresh(argv[2]);
        }
    }
    printf("heap %ld rss %ld\n", (long)(mallinfo2().uordblks - heap), resident() - rss);
    curl_easy_cleanup(easy);
    curl_slist_free_all(app_resolve());
    curl_global_cleanup();
    return 0;
}
