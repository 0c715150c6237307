/* curl-alike URL PATH: two handles of a multi handle, each with baggage of its own, three times
 * over one Unix socket, whose connections libcurl keeps: by what it says of their ends, they are
 * one. */
#include "curl-attach.h"

static CURL *make(const char *url, const char *path)
{
    CURL *easy = app_easy(url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, app_discard);
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, path);
    return easy;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    CURLM *multi = curl_multi_init();
    CURL *first = make(argv[1], argv[2]), *second = make(argv[1], argv[2]);
    for (int i = 0; i < 3; i++) {
        add_with(multi, first, "who=first");
        add_with(multi, second, "who=second");
        drive(multi);
        curl_multi_remove_handle(multi, first);
        curl_multi_remove_handle(multi, second);
    }
    curl_easy_cleanup(first);
    curl_easy_cleanup(second);
    curl_multi_cleanup(multi);
    return 0;
}
