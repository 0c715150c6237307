#include "cli/client.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/agent_socket.h"
#include "cli/proc.h"

#define PATIENCE 10 /* seconds */

/* Where the agent listens: as said, as the environment says, as the program meant was told. */
static const char *find_socket(const struct asking *a)
{
    static char path[LIMIT_PATH];
    const char *given = getenv("BELLHOP_CONTROL");
    if (a->control)
        return a->control;
    if (given && *given)
        return given;
    if (a->pid && proc_environment((pid_t)a->pid, "BELLHOP_CONTROL", path, sizeof path))
        return path;
    return socket_default(path) ? path : NULL;
}

/* Orders are told to our own user and to root only, whoever has that path. */
static bool is_trusted(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == 0 || peer.uid == geteuid());
}

int client_connect(const struct asking *a)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval patience = { .tv_sec = PATIENCE };
    const char *path = find_socket(a);
    if (!path)
        return -1;
    if (strlen(path) >= sizeof address.sun_path) {
        say("the socket's path \"%s\" is too long", path);
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        say("there is no agent at \"%s\": %s", path, strerror(errno));
    else if (!is_trusted(fd))
        say("the agent at \"%s\" is another user's", path);
    else
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool send_with(int fd, struct span message, int passed)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof passed)];
    } control = { .room = { 0 } };
    struct iovec part = { .iov_base = (char *)(uintptr_t)message.at, .iov_len = message.len };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
    if (passed >= 0) {
        m.msg_control = control.room;
        m.msg_controllen = sizeof control.room;
        control.head.cmsg_level = SOL_SOCKET;
        control.head.cmsg_type = SCM_RIGHTS;
        control.head.cmsg_len = CMSG_LEN(sizeof passed);
        memcpy(CMSG_DATA(&control.head), &passed, sizeof passed);
    }
    return sendmsg(fd, &m, MSG_NOSIGNAL) == (ssize_t)message.len;
}

bool client_greet(int fd)
{
    char storage[64];
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_HELLO, 1);
    return send_with(fd, wire_end(&w), -1);
}

static int say_error(const struct wire_in *in)
{
    struct span text = wire_find(in, BELLHOP_TAG_MESSAGE);
    say("%.*s", (int)text.len, text.len ? text.at : "");
    return EXIT_FAULT;
}

int client_ask(int fd, struct span request, int passed, client_each *each, void *arg,
               uint32_t *count)
{
    static char storage[BELLHOP_CONTROL_MESSAGE];
    struct wire_in in;
    if (!request.len) {
        say("that is too much for one message");
        return EXIT_FAULT;
    }
    if (!send_with(fd, request, passed)) {
        say("the agent cannot be told: %s", strerror(errno));
        return EXIT_NO_AGENT;
    }
    for (;;) {
        ssize_t len = recv(fd, storage, sizeof storage, 0);
        if (len < 0 && errno == EINTR)
            continue;
        if (len <= 0 || !wire_read(span_make(storage, (size_t)len), &in)) {
            say("the agent does not answer: %s", len < 0 ? strerror(errno)
                                                 : len   ? "this is not the protocol"
                                                         : "it has gone");
            return EXIT_NO_AGENT;
        }
        if (in.type == BELLHOP_CONTROL_ERROR)
            return say_error(&in);
        if (in.type == BELLHOP_CONTROL_END) {
            if (count)
                wire_u32(&in, BELLHOP_TAG_COUNT, count);
            return EXIT_OK;
        }
        if (in.type != BELLHOP_CONTROL_WELCOME && each)
            each(arg, &in);
    }
}

int client_do(const struct asking *a, struct span request, int passed, client_each *each, void *arg,
              uint32_t *count)
{
    int fd = client_connect(a);
    int status = EXIT_NO_AGENT;
    if (fd < 0)
        return status;
    if (client_greet(fd))
        status = client_ask(fd, request, passed, each, arg, count);
    close(fd);
    return status;
}
