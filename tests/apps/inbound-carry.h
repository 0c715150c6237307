/* What the calls of a server carried, for programs that play all parts (inbound.h). */
#ifndef INBOUND_CARRY_H
#define INBOUND_CARRY_H

#include <stdbool.h>

#include "inbound.h"

/* What reached the service that a call goes to: the value of `baggage`, or "". */
static inline const char *carried(void)
{
    static const char request[] = "GET /called HTTP/1.1\r\nHost: b\r\n\r\n";
    static _Thread_local char text[1024];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(fd, (struct sockaddr *)&at[1], sizeof at[1]) == 0, "connect");
    must(write(fd, request, sizeof request - 1) == (ssize_t)sizeof request - 1, "call");
    int far = (int)syscall(SYS_accept4, theirs, NULL, NULL, 0);
    long n = syscall(SYS_read, far, text, sizeof text - 1);
    must(n > 0, "called");
    syscall(SYS_close, far);
    close(fd);
    text[n] = '\0';
    char *line = strstr(text, "\r\nbaggage: ");
    if (!line)
        return "";
    line += strlen("\r\nbaggage: ");
    line[strcspn(line, "\r")] = '\0';
    return line;
}

static inline void must_carry(const char *value)
{
    const char *got = carried();
    if (strcmp(got, value) == 0)
        return;
    printf("must carry \"%s\", did \"%s\"\n", value, got);
    exit(1);
}

/* Wrong is worse than missing. */
static inline bool may_carry(const char *value)
{
    const char *got = carried();
    if (*got)
        must_carry(value);
    return *got != '\0';
}

static inline void closes(int c, int s)
{
    close(s);
    syscall(SYS_close, c);
}

#endif
