/* Preloaded after the shim, it makes libcurl one of before 7.80: CURLOPT_PREREQFUNCTION and
 * CURLOPT_PREREQDATA are unknown options, and the version says so. Each refusal is told on the
 * descriptor that CURLOLD_FD names, so that a test can prove that it was asked at all. */
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#define OLD_VERSION 0x074a00

#undef curl_easy_setopt
#undef curl_version_info
#undef curl_version

static void tell(void)
{
    const char *fd = getenv("CURLOLD_FD");
    if (fd && write(atoi(fd), "refused\n", 8) != 8)
        return;
}

CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    CURLcode (*real)(CURL *, CURLoption, ...) = dlsym(RTLD_NEXT, "curl_easy_setopt");
    va_list args;
    if (option == CURLOPT_PREREQFUNCTION || option == CURLOPT_PREREQDATA) {
        tell();
        return CURLE_UNKNOWN_OPTION;
    }
    va_start(args, option);
    void *value = va_arg(args, void *);
    va_end(args);
    return real(easy, option, value);
}

curl_version_info_data *curl_version_info(CURLversion age)
{
    static curl_version_info_data data;
    curl_version_info_data *(*real)(CURLversion) = dlsym(RTLD_NEXT, "curl_version_info");
    data = *real(age);
    data.version = "7.74.0";
    data.version_num = OLD_VERSION;
    return &data;
}

char *curl_version(void)
{
    static char text[] = "libcurl/7.74.0";
    return text;
}
