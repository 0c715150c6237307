/* Two OpenSSLs in one process, used in turns and by two threads at a time: the fake one, which this
 * program needs, and the real one, by way of an object that needs it.
 *
 *     fake-both OBJECT local|deepbind|symbols
 *
 * `symbols`: the real one's functions are asked for by name. */
#include "fake-tls.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char get[] = "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n";
static char *(*request)(const char *);

static void *take_turns(void *count)
{
    for (int i = 0; i < 50; i++) {
        void *ssl = SSL_new(NULL);
        char *real = NULL;
        if (i % 2)
            real = request(get);
        while (SSL_write(ssl, get, sizeof get - 1) <= 0) {
            free(real);
            real = request(get);
        }
        ((int *)count)[0] += strstr(fake_wire(ssl), "\r\nbaggage: ") != NULL;
        ((int *)count)[1] += strstr(real, "\r\nbaggage: ") != NULL;
        if (strncmp(real, get, sizeof get - 3) != 0)
            printf("not the request: %s", real);
        free(real);
        SSL_free(ssl);
    }
    return NULL;
}

/* A whole session would take too many functions: a write into nothing has to do. */
static void by_symbols(void *object)
{
    int (*write_real)(void *, const void *, int);
    void *(*new_real)(void *), *(*context_new)(const void *), (*free_real)(void *);
    const void *(*method)(void);
    *(void **)&write_real = dlsym(object, "SSL_write");
    *(void **)&new_real = dlsym(object, "SSL_new");
    *(void **)&context_new = dlsym(object, "SSL_CTX_new");
    *(void **)&free_real = dlsym(object, "SSL_free");
    *(void **)&method = dlsym(object, "TLS_client_method");
    void *ssl = new_real(context_new(method()));
    printf("%d\n", write_real(ssl, get, sizeof get - 1));
    free_real(ssl);
}

int main(int argc, char **argv)
{
    pthread_t thread[2];
    int count[2][2] = { { 0 } };
    int mode = RTLD_NOW | RTLD_LOCAL;
    if (argc != 3)
        return 2;
    mode |= strcmp(argv[2], "deepbind") == 0 ? RTLD_DEEPBIND : 0;
    void *object = dlopen(argv[1], mode);
    if (!object || !(*(void **)&request = dlsym(object, "plugin_request")))
        return 3;
    if (strcmp(argv[2], "symbols") == 0)
        by_symbols(object);
    for (int i = 0; i < 2; i++)
        pthread_create(&thread[i], NULL, take_turns, count[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    printf("fake %d, real %d\n", count[0][0] + count[1][0], count[0][1] + count[1][1]);
    return 0;
}
