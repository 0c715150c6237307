#include "cli/agent_client.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_CLIENTS 1024
#define MOST_OF_USER 256        /* another user's; ours and root's: as many as there may be */
#define MOST_WAITING (64 << 20) /* bytes of answers, of all clients */

static struct client *newest, *oldest;
static size_t count, waiting;
static struct source listener;
static int listener_fd = -1;
static bool listener_rests; /* no descriptors are left: it would be ready for ever */

static void link_in(struct client *c)
{
    c->next = newest;
    c->before = NULL;
    if (newest)
        newest->before = c;
    else
        oldest = c;
    newest = c;
}

static void unlink_from(struct client *c)
{
    *(c->before ? &c->before->next : &newest) = c->next;
    *(c->next ? &c->next->before : &oldest) = c->before;
}

static void client_close(struct client *c)
{
    unlink_from(c);
    count--;
    waiting -= c->len;
    loop_remove(c->fd);
    close(c->fd);
    if (c->passed >= 0)
        close(c->passed);
    free(c->out);
    free(c);
}

/* --- answers -------------------------------------------------------------------------------- */

void client_say(struct client *c, struct span message)
{
    uint32_t len = (uint32_t)message.len;
    size_t more = sizeof len + message.len;
    char *out = NULL;
    if (message.len && waiting + more <= MOST_WAITING && !c->closing)
        out = realloc(c->out, c->len + more);
    if (!out) {
        c->closing = true;
        return;
    }
    memcpy(out + c->len, &len, sizeof len);
    memcpy(out + c->len + sizeof len, message.at, message.len);
    c->out = out;
    c->len += more;
    waiting += more;
}

void client_end(struct client *c, uint32_t id, uint32_t number)
{
    char storage[64];
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_END, id);
    wire_put_u32(&w, BELLHOP_TAG_COUNT, number);
    client_say(c, wire_end(&w));
}

void client_error(struct client *c, uint32_t id, int code, const char *text)
{
    char storage[512];
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_ERROR, id);
    wire_put_u32(&w, BELLHOP_TAG_CODE, (uint32_t)code);
    wire_put(&w, BELLHOP_TAG_MESSAGE, span_of(text));
    client_say(c, wire_end(&w));
    if (code == BELLHOP_ERROR_VERSION || code == BELLHOP_ERROR_MALFORMED)
        c->closing = true;
}

/* Sends what waits. False: the connection is over. */
static bool flush(struct client *c)
{
    while (c->at < c->len) {
        uint32_t len;
        memcpy(&len, c->out + c->at, sizeof len);
        ssize_t sent = send(c->fd, c->out + c->at + sizeof len, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
        c->at += sizeof len + len;
    }
    waiting -= c->len;
    free(c->out);
    c->out = NULL;
    c->len = c->at = 0;
    return !c->closing;
}

/* --- messages ------------------------------------------------------------------------------- */

static void take_descriptor(struct client *c, struct msghdr *m)
{
    int fds[4]; /* as many as there is room for in `control` below */
    struct cmsghdr *h = CMSG_FIRSTHDR(m);
    if (!h || h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
        return;
    size_t n = (h->cmsg_len - CMSG_LEN(0)) / sizeof *fds;
    memcpy(fds, CMSG_DATA(h), n * sizeof *fds);
    for (size_t i = 1; i < n; i++)
        close(fds[i]);
    c->passed = n ? fds[0] : -1;
}

static ssize_t receive(struct client *c, char *message, size_t max)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(4 * sizeof(int))];
    } control;
    struct iovec part = { .iov_base = message, .iov_len = max };
    struct msghdr m = { .msg_iov = &part,
                        .msg_iovlen = 1,
                        .msg_control = control.room,
                        .msg_controllen = sizeof control.room };
    ssize_t len = recvmsg(c->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (len >= 0)
        take_descriptor(c, &m);
    return len >= 0 && m.msg_flags & MSG_TRUNC ? (ssize_t)max + 1 : len;
}

static bool may_come_first(const struct wire_in *in)
{
    return in->type == BELLHOP_CONTROL_HELLO || in->type == BELLHOP_CONTROL_ATTACH;
}

static void answer(struct client *c, struct span message)
{
    struct wire_in in;
    bool whole = wire_read(message, &in);
    if (message.len > BELLHOP_CONTROL_MESSAGE)
        client_error(c, in.id, BELLHOP_ERROR_MALFORMED, "the message is too long");
    else if (whole && in.version != BELLHOP_CONTROL_VERSION)
        client_error(c, in.id, BELLHOP_ERROR_VERSION, "this agent speaks version 1");
    else if (!whole || (!c->greeted && !may_come_first(&in)))
        client_error(c, in.id, BELLHOP_ERROR_MALFORMED, "that is no message of the protocol");
    else
        serve(c, &in);
    c->greeted = true;
}

/* One message, and then the others' turn. False: the connection is over. */
static bool hear(struct client *c)
{
    static char message[BELLHOP_CONTROL_MESSAGE + 1];
    ssize_t len = receive(c, message, sizeof message);
    if (len <= 0)
        return len < 0 && (errno == EAGAIN || errno == EINTR);
    c->heard = loop_now();
    answer(c, span_make(message, (size_t)len));
    if (c->passed >= 0)
        close(c->passed);
    c->passed = -1;
    return flush(c);
}

/* While an answer waits nothing more is read, so there is one at a time. */
static void ready(struct source *s, uint32_t events)
{
    struct client *c = (struct client *)s;
    bool goes_on = true;
    if (c->len)
        goes_on = !(events & (EPOLLERR | EPOLLHUP)) && flush(c);
    else
        goes_on = hear(c);
    if (!goes_on || (c->closing && !c->len) ||
        !loop_change(c->fd, c->len ? EPOLLOUT : EPOLLIN, &c->source))
        client_close(c);
}

/* --- connections ---------------------------------------------------------------------------- */

/* The one of this user that has been there longest gives way, or of anybody. */
static void make_room(uid_t uid)
{
    size_t of_user = 0;
    struct client *first = NULL;
    for (struct client *c = oldest; c; c = c->before) {
        if (c->uid != uid)
            continue;
        of_user++;
        if (!first)
            first = c;
    }
    if (uid != 0 && uid != geteuid() && of_user >= MOST_OF_USER)
        client_close(first);
    else if (count >= MOST_CLIENTS)
        client_close(oldest);
}

static void welcome(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    struct client *c = NULL;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.pid > 0) {
        make_room(peer.uid);
        c = calloc(1, sizeof *c);
    }
    if (!c || !loop_add(fd, EPOLLIN, &c->source)) {
        close(fd);
        free(c);
        return;
    }
    c->source.ready = ready;
    c->fd = fd;
    c->pid = peer.pid;
    c->uid = peer.uid;
    c->passed = -1;
    c->heard = loop_now();
    link_in(c);
    count++;
    ready(&c->source, EPOLLIN); /* most have spoken by now */
}

static void rest(bool rests)
{
    listener_rests = rests;
    loop_change(listener_fd, rests ? 0 : EPOLLIN, &listener);
}

static void knock(struct source *s, uint32_t events)
{
    (void)s;
    (void)events;
    int fd = accept4(listener_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
        welcome(fd);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        if (oldest)
            client_close(oldest);
        rest(true);
    }
}

bool clients_listen(int fd)
{
    listener_fd = fd;
    listener.ready = knock;
    return loop_add(fd, EPOLLIN, &listener);
}

void clients_tidy(int64_t now)
{
    struct client *before;
    if (listener_rests)
        rest(false);
    for (struct client *c = oldest; c; c = before) {
        before = c->before;
        if (now - c->heard > BELLHOP_CONTROL_IDLE * 1000)
            client_close(c);
    }
}
