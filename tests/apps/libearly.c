/* Preloaded behind the shim, so that its constructor runs before, and its destructor after, the
 * shim's: hooks must work at any moment. EARLY names what it does: "start" or "end". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void use(const char *moment)
{
    static const char request[] = "GET /early HTTP/1.1\r\nHost: a\r\n\r\n";
    char got[64] = "";
    int two[2], copy;
    const char *asked = getenv("EARLY");
    if (!asked || strcmp(asked, moment) != 0)
        return;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, two) != 0 || (copy = dup(two[0])) < 0)
        _exit(90);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || write(copy, request, sizeof request - 1) != sizeof request - 1)
        _exit(91);
    if (recv(two[1], got, sizeof got - 1, 0) != sizeof request - 1 || strcmp(got, request) != 0)
        _exit(92);
    close(fd);
    close(copy);
    close(two[0]);
    close(two[1]);
    fprintf(stderr, "used at the %s\n", moment);
}

__attribute__((constructor(101))) static void start(void)
{
    use("start");
}

__attribute__((destructor(101))) static void end(void)
{
    use("end");
}
