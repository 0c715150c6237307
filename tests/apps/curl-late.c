/* curl-late URL...: each URL by a multi handle, added while who=N is attached, N from 1 on, and
 * driven while something else is: whose request it is must not depend on when its bytes go out. */
#include "curl-attach.h"

int main(int argc, char **argv)
{
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = curl_multi_init();
    for (int i = 1; i < argc; i++) {
        char who[16];
        CURL *easy = app_easy(argv[i]);
        snprintf(who, sizeof who, "who=%d", i);
        add_with(multi, easy, who);
        struct bellhop_token token = attach("who=other,b=1");
        drive(multi);
        bellhop_detach(&token);
        curl_multi_remove_handle(multi, easy);
        curl_easy_cleanup(easy);
    }
    curl_multi_cleanup(multi);
    return 0;
}
