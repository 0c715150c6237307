/* curl-alike URL PATH: two handles of a multi handle, each with baggage of its own, three times
 * over one Unix socket, whose connections libcurl keeps: by what it says of their ends, they are
 * one. */
#include <bellhop/baggage.h>

#include "curl-app.h"

static CURL *make(const char *url, const char *path)
{
    CURL *easy = app_easy(url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, app_discard);
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, path);
    return easy;
}

static void begin(CURLM *multi, CURL *easy, const char *list)
{
    struct bellhop_token token;
    struct bellhop_baggage *b = bellhop_parse(list, strlen(list));
    bellhop_attach(b, &token);
    bellhop_release(b);
    curl_multi_add_handle(multi, easy);
    bellhop_detach(&token);
}

static void drive(CURLM *multi)
{
    int running = 1;
    while (running && curl_multi_perform(multi, &running) == CURLM_OK)
        if (running)
            curl_multi_poll(multi, NULL, 0, 100, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    CURLM *multi = curl_multi_init();
    CURL *first = make(argv[1], argv[2]), *second = make(argv[1], argv[2]);
    for (int i = 0; i < 3; i++) {
        begin(multi, first, "who=first");
        begin(multi, second, "who=second");
        drive(multi);
        curl_multi_remove_handle(multi, first);
        curl_multi_remove_handle(multi, second);
    }
    curl_easy_cleanup(first);
    curl_easy_cleanup(second);
    curl_multi_cleanup(multi);
    return 0;
}
