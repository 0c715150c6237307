/* A program linked with libcurl that also loads libcurl-gnutls: curl-both URL. It asks with the
 * one, the other, and the first again, on handles that live side by side. */
#include <dlfcn.h>

#include "curl-app.h"

static void twice(CURL *easy, CURLcode (*perform)(CURL *), const char *version)
{
    printf("TLS: %s\n", strstr(version, "GnuTLS") ? "GnuTLS" : "OpenSSL");
    for (int i = 0; i < 2; i++) {
        fflush(stdout);
        printf("perform %d\n", (int)perform(easy));
    }
}

int main(int argc, char **argv)
{
    void *other = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
    if (argc != 2 || !other)
        return 2;
    CURL *(*init)(void) = dlsym(other, "curl_easy_init");
    CURLcode (*setopt)(CURL *, CURLoption, ...) = dlsym(other, "curl_easy_setopt");
    CURLcode (*perform)(CURL *) = dlsym(other, "curl_easy_perform");
    void (*cleanup)(CURL *) = dlsym(other, "curl_easy_cleanup");
    char *(*version)(void) = dlsym(other, "curl_version");
    const char *ca = getenv("APP_CA");
    CURL *ours = app_easy(argv[1]), *theirs = init();
    setopt(theirs, CURLOPT_URL, argv[1]);
    setopt(theirs, CURLOPT_RESOLVE, app_resolve());
    if (ca && *ca)
        setopt(theirs, CURLOPT_CAINFO, ca);
    twice(ours, curl_easy_perform, curl_version());
    twice(theirs, perform, version());
    twice(ours, curl_easy_perform, curl_version());
    cleanup(theirs);
    curl_easy_cleanup(ours);
    return 0;
}
