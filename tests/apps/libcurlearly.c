/* Preloaded after the shim, its constructor runs before the shim's, and its destructor after: both
 * make a request to EARLY_URL by a libcurl that they load themselves. */
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static void ask(const char *when)
{
    const char *url = getenv("EARLY_URL");
    void *lib = url ? dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!lib)
        return;
    CURL *(*init)(void) = dlsym(lib, "curl_easy_init");
    CURLcode (*setopt)(CURL *, CURLoption, ...) = dlsym(lib, "curl_easy_setopt");
    CURLcode (*perform)(CURL *) = dlsym(lib, "curl_easy_perform");
    void (*cleanup)(CURL *) = dlsym(lib, "curl_easy_cleanup");
    CURL *easy = init();
    setopt(easy, CURLOPT_URL, url);
    int rc = (int)perform(easy);
    cleanup(easy);
    printf("%s %d\n", when, rc);
    fflush(stdout);
}

__attribute__((constructor)) static void early(void)
{
    ask("early");
}

__attribute__((destructor)) static void late(void)
{
    ask("late");
}
