/* A server over a fake libssl that answers by SSL_sendfile, as OpenSSL does where the kernel has
 * TLS. */
#include "../../apps/inbound-goes.h"
#include "fake-tls.h"

static void serve(void *ssl, int body)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    char text[256];
    must(SSL_read(ssl, text, sizeof text) > 0, "request");
    goes_on(atoi(strstr(text, "k=") + 2));
    while (SSL_write(ssl, head, sizeof head - 1) <= 0)
        continue;
    must(SSL_sendfile(ssl, body, 0, 1, 0) == 1 && SSL_sendfile(ssl, body, 1, 1, 0) == 1, "file");
    goes_on(-1);
}

int main(void)
{
    void *ssl = SSL_new(NULL);
    int body = memfd_create("body", 0);
    must(write(body, "ok", 2) == 2, "body");
    ours = listening(&at[0]);
    theirs = listening(&at[1]);
    for (int i = 0; i < 100; i++)
        serve(ssl, body);
    printf("%u with their own baggage, %u without\n", with, without);
    return 0;
}
