/* A request on one handle for each line of standard input, and "done" for it: curl-lines URL. */
#include "curl-app.h"

int main(int argc, char **argv)
{
    char line[64];
    CURL *easy = argc == 2 ? app_easy(argv[1]) : NULL;
    if (!easy)
        return 2;
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, app_discard);
    while (fgets(line, sizeof line, stdin)) {
        puts(curl_easy_perform(easy) == CURLE_OK ? "done" : "failed");
        fflush(stdout);
    }
    curl_easy_cleanup(easy);
    return 0;
}
