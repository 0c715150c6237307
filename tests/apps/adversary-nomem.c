/* No hook of a socket asks for memory: a malloc that ends the process when it must not be called.
 */
#include "adversary-pair.h"
#include <sys/syscall.h>
#include <unistd.h>

static _Thread_local volatile bool forbidden;
void *__libc_malloc(size_t size);

void *malloc(size_t size)
{
    if (forbidden)
        abort();
    return __libc_malloc(size);
}

static void no_memory(void)
{
    struct pair p = pair_open();
    char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    carried();
    for (int way = 0; way < SEND_WAYS; way++) {
        must_carry(p);
        forbidden = true;
        send_by(way, p.client);
        int copy = dup(p.client), other = socket(AF_UNIX, SOCK_STREAM, 0);
        int result = connect(other, (struct sockaddr *)&pair_address, sizeof pair_address);
        ssize_t n = write(p.server, answer, sizeof answer - 1);
        ssize_t m = read(copy, answer, sizeof answer - 1);
        close(copy);
        close(other);
        close((int)syscall(SYS_accept4, pair_listener, NULL, NULL, 0));
        forbidden = false;
        must(result == 0 && n == sizeof answer - 1 && m == n);
        must_read(p.server, carried());
    }
}

int main(void)
{
    pair_listen();
    no_memory();
    return 0;
}
