/* A program that links no libcurl: dlcurl MODE URL.
 *   local, global, deepbind   dlopens libcurl.so.4 so, and asks it by dlsym
 *   gnutls                    libcurl-gnutls.so.4 instead
 *   both                      both libraries in turn, twice
 *   again                     loads, asks, unloads, and all that once more
 *   probe                     no libcurl at all: asks whether somebody else has loaded it */
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct api {
    void *handle;
    CURL *(*init)(void);
    CURLcode (*setopt)(CURL *easy, CURLoption option, ...);
    CURLcode (*perform)(CURL *easy);
    void (*cleanup)(CURL *easy);
    CURL *(*duplicate)(CURL *easy);
    struct curl_slist *(*append)(struct curl_slist *list, const char *text);
    void (*free_all)(struct curl_slist *list);
    char *(*version)(void);
};

static void *find(void *handle, const char *name)
{
    void *found = dlsym(handle, name);
    if (!found) {
        printf("no %s: %s\n", name, dlerror());
        exit(1);
    }
    return found;
}

static struct api load(const char *name, int flags)
{
    struct api api = { .handle = dlopen(name, flags) };
    if (!api.handle) {
        printf("dlopen: %s\n", dlerror());
        exit(1);
    }
    api.init = find(api.handle, "curl_easy_init");
    api.setopt = find(api.handle, "curl_easy_setopt");
    api.perform = find(api.handle, "curl_easy_perform");
    api.cleanup = find(api.handle, "curl_easy_cleanup");
    api.duplicate = find(api.handle, "curl_easy_duphandle");
    api.append = find(api.handle, "curl_slist_append");
    api.free_all = find(api.handle, "curl_slist_free_all");
    api.version = find(api.handle, "curl_version");
    return api;
}

static struct curl_slist *resolve(const struct api *api)
{
    struct curl_slist *list = NULL;
    const char *text = getenv("APP_RESOLVE");
    char *copy = strdup(text ? text : ""), *save = NULL;
    for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save))
        list = api->append(list, word);
    free(copy);
    return list;
}

/* Two requests, one with a header list, one by a copy of the handle without it. */
static void ask(const struct api *api, const char *url)
{
    const char *ca = getenv("APP_CA");
    struct curl_slist *names = resolve(api), *own = api->append(NULL, "X-Own: 1");
    CURL *easy = api->init();
    printf("TLS: %s\n", strstr(api->version(), "GnuTLS") ? "GnuTLS" : "OpenSSL");
    api->setopt(easy, CURLOPT_URL, url);
    api->setopt(easy, CURLOPT_RESOLVE, names);
    api->setopt(easy, CURLOPT_HTTPHEADER, own);
    if (ca && *ca)
        api->setopt(easy, CURLOPT_CAINFO, ca);
    fflush(stdout);
    printf("perform %d\n", (int)api->perform(easy));
    CURL *copy = api->duplicate(easy);
    api->setopt(copy, CURLOPT_RESOLVE, names);
    api->setopt(copy, CURLOPT_HTTPHEADER, NULL);
    api->cleanup(easy);
    fflush(stdout);
    printf("perform %d\n", (int)api->perform(copy));
    api->cleanup(copy);
    api->free_all(own);
    api->free_all(names);
}

static void load_and_ask(const char *name, int flags, const char *url)
{
    const struct api api = load(name, flags);
    ask(&api, url);
    dlclose(api.handle);
}

static void both(const char *url)
{
    const struct api a = load("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    const struct api b = load("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
    ask(&a, url);
    ask(&b, url);
    ask(&a, url);
    ask(&b, url);
}

static void probe(void)
{
    static const char *const names[] = { "curl_easy_perform", "curl_easy_setopt",
                                         "curl_easy_init",    "curl_multi_add_handle",
                                         "SSL_write",         "gnutls_record_send" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        dlerror();
        void *found = dlsym(RTLD_DEFAULT, names[i]);
        const char *error = dlerror();
        printf("%s: %s, %s\n", names[i], found ? "found" : "not found",
               error ? "error" : "no error");
    }
}

int main(int argc, char **argv)
{
    const char *mode = argc > 2 ? argv[1] : "probe", *url = argv[argc - 1];
    if (strcmp(mode, "local") == 0)
        load_and_ask("libcurl.so.4", RTLD_NOW | RTLD_LOCAL, url);
    else if (strcmp(mode, "global") == 0)
        load_and_ask("libcurl.so.4", RTLD_LAZY | RTLD_GLOBAL, url);
    else if (strcmp(mode, "deepbind") == 0)
        load_and_ask("libcurl.so.4", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND, url);
    else if (strcmp(mode, "gnutls") == 0)
        load_and_ask("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL, url);
    else if (strcmp(mode, "both") == 0)
        both(url);
    else if (strcmp(mode, "again") == 0)
        for (int i = 0; i < 2; i++)
            load_and_ask(i ? "libcurl-gnutls.so.4" : "libcurl.so.4", RTLD_NOW, url);
    else
        probe();
    return 0;
}
