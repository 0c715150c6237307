/* curl-late URL...: each URL by a multi handle, added while who=N is attached, N from 1 on, and
 * driven while something else is: whose request it is must not depend on when its bytes go out. */
#include <bellhop/baggage.h>

#include "curl-app.h"

static struct bellhop_token attach(const char *text)
{
    struct bellhop_token token;
    struct bellhop_baggage *b = bellhop_parse(text, strlen(text));
    bellhop_attach(b, &token);
    bellhop_release(b);
    return token;
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
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = curl_multi_init();
    for (int i = 1; i < argc; i++) {
        char who[16];
        CURL *easy = app_easy(argv[i]);
        snprintf(who, sizeof who, "who=%d", i);
        struct bellhop_token token = attach(who);
        curl_multi_add_handle(multi, easy);
        bellhop_detach(&token);
        token = attach("who=other,b=1");
        drive(multi);
        bellhop_detach(&token);
        curl_multi_remove_handle(multi, easy);
        curl_easy_cleanup(easy);
    }
    curl_multi_cleanup(multi);
    return 0;
}
