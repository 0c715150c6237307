/* Calls of many threads of a server (inbound.h), each with a number that must be that of the
 * request that caused it. */
#ifndef INBOUND_GOES_H
#define INBOUND_GOES_H

#include <stdatomic.h>
#include <stdbool.h>

#include "inbound.h"

static atomic_uint with, without; /* calls with the right baggage, and with none */

/* `id` -1: behind an answer, when nobody's baggage goes. Whoever takes the call of another thread
 * looks at it all the same. */
static inline void goes_on(int id)
{
    char text[1024], wanted[64];
    int n = snprintf(text, sizeof text, "GET /%d HTTP/1.1\r\nHost: b\r\n\r\n", id);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(fd, (struct sockaddr *)&at[1], sizeof at[1]) == 0, "connect");
    must(write(fd, text, (size_t)n) == n, "call");
    int far = (int)syscall(SYS_accept4, theirs, NULL, NULL, 0);
    n = (int)syscall(SYS_read, far, text, sizeof text - 1);
    must(n > 0, "called");
    syscall(SYS_close, far);
    close(fd);
    text[n] = '\0';
    snprintf(wanted, sizeof wanted, "\r\nbaggage: k=%d,pad=", atoi(text + 5));
    bool has = strstr(text, wanted);
    must(has || !strstr(text, "baggage"), "another's baggage");
    if (atoi(text + 5) >= 0)
        atomic_fetch_add(has ? &with : &without, 1);
}

#endif
