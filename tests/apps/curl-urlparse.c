/* What libcurl makes of URLs: reads one a line, prints "host<TAB>port" or "-". With an argument,
 * URLs without a scheme are taken too, as a transfer takes them. */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

static void print_parts(CURLU *url)
{
    char *host = NULL, *port = NULL;
    if (curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        printf("%s\t%s\n", host, port);
    else
        puts("-");
    curl_free(host);
    curl_free(port);
}

int main(int argc, char **argv)
{
    static char line[1 << 16];
    unsigned flags = CURLU_NON_SUPPORT_SCHEME | (argc > 1 ? CURLU_GUESS_SCHEME : 0);
    (void)argv;
    while (fgets(line, sizeof line, stdin)) {
        CURLU *url = curl_url();
        line[strcspn(line, "\n")] = 0;
        if (url && curl_url_set(url, CURLUPART_URL, line, flags) == CURLUE_OK)
            print_parts(url);
        else
            puts("-");
        curl_url_cleanup(url);
    }
    return 0;
}
