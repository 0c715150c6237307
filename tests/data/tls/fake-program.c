/* Writes over a fake libssl by every function that it has, and prints what went out. */
#include "fake-tls.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char get[] = "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n";
static const char head[] = "PUT /f HTTP/1.1\r\nHost: a.test\r\nContent-Length: 33\r\n\r\n";

static void by_file(void *ssl)
{
    FILE *file = tmpfile();
    fputs(get, file);
    fflush(file);
    while (SSL_write(ssl, head, sizeof head - 1) <= 0)
        continue;
    ssize_t n = SSL_sendfile(ssl, fileno(file), 0, sizeof get - 1, 0);
    while (SSL_write(ssl, get, sizeof get - 1) <= 0)
        continue;
    printf("%zd bytes of a file\n", n);
    fclose(file);
}

static void by_bio(void *ssl, int (*put)(void *bio, const char *text))
{
    void *bio = fake_bio(ssl, SSL_write);
    while (put(bio, get) <= 0)
        continue;
}

static int print(void *bio, const char *text)
{
    return BIO_printf(bio, "%s", text);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        void *ssl = SSL_new(NULL);
        size_t n = 0;
        if (strcmp(argv[i], "write") == 0)
            while (SSL_write(ssl, get, sizeof get - 1) <= 0)
                continue;
        if (strcmp(argv[i], "write_ex") == 0)
            while (!SSL_write_ex(ssl, get, sizeof get - 1, &n))
                continue;
        if (strcmp(argv[i], "write_ex2") == 0)
            while (!SSL_write_ex2(ssl, get, sizeof get - 1, 0, &n))
                continue;
        if (strcmp(argv[i], "sendfile") == 0)
            by_file(ssl);
        if (strcmp(argv[i], "puts") == 0)
            by_bio(ssl, BIO_puts);
        if (strcmp(argv[i], "printf") == 0)
            by_bio(ssl, print);
        printf("%s, %zu:\n%s", argv[i], n, fake_wire(ssl));
        SSL_free(ssl);
    }
    return 0;
}
