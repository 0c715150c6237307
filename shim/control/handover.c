#include "control/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/pages.h"
#include "control/wire.h"

#define INTERRUPTIONS 16 /* signals that an attempt may meet */

static void close_fd(int fd)
{
    if (fd >= 0)
        syscall(SYS_close, fd);
}

void handover_close(struct handed *h)
{
    close_fd(h->fleet);
    close_fd(h->process);
    h->fleet = h->process = -1;
}

/* Only our own user and root may say what we carry. */
static bool is_trusted(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    return syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           len == sizeof peer && (peer.uid == 0 || peer.uid == (uid_t)syscall(SYS_geteuid));
}

static int open_socket(const struct sockaddr_un *address, int ms)
{
    struct timeval bound = { .tv_usec = ms * 1000L };
    int fd = (int)syscall(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    /* The first bounds connect as well, which waits while the queue of the listener is full. */
    bool ok = syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound) == 0 &&
              syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound) == 0;
    long result = -1;
    for (int i = 0; ok && result < 0 && i < INTERRUPTIONS; i++) {
        result = syscall(SYS_connect, fd, address, sizeof *address);
        if (result < 0 && errno != EINTR)
            break;
    }
    if (result == 0 && is_trusted(fd))
        return fd;
    close_fd(fd);
    return -1;
}

static bool send_request(int fd)
{
    char storage[64];
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_ATTACH, 1);
    struct span message = wire_end(&w);
    long sent = -1;
    for (int i = 0; sent < 0 && i < INTERRUPTIONS; i++) {
        sent = syscall(SYS_sendto, fd, message.at, message.len, MSG_NOSIGNAL, NULL, 0);
        if (sent < 0 && errno != EINTR)
            break;
    }
    return sent == (long)message.len;
}

/* Both of the descriptors that came, or neither. */
static bool take_descriptors(struct msghdr *m, struct handed *out)
{
    int fds[2];
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
        return false;
    size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof *fds;
    memcpy(fds, CMSG_DATA(c), count < 2 ? count * sizeof *fds : sizeof fds);
    if (count == 2 && !(m->msg_flags & MSG_CTRUNC)) {
        *out = (struct handed){ .fleet = fds[0], .process = fds[1] };
        return true;
    }
    for (size_t i = 0; i < count && i < 2; i++)
        close_fd(fds[i]);
    return false;
}

static bool receive_answer(int fd, struct handed *out)
{
    char message[512];
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(2 * sizeof(int))]; /* the kernel closes what has no room */
    } control;
    struct iovec part = { .iov_base = message, .iov_len = sizeof message };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
    struct wire_in in;
    long len = -1;
    for (int i = 0; len < 0 && i < INTERRUPTIONS; i++) {
        m.msg_control = control.room;
        m.msg_controllen = sizeof control.room;
        len = syscall(SYS_recvmsg, fd, &m, MSG_CMSG_CLOEXEC);
        if (len < 0 && errno != EINTR)
            return false;
    }
    if (len < 0 || !take_descriptors(&m, out))
        return false;
    if (!(m.msg_flags & MSG_TRUNC) && wire_read(span_make(message, (size_t)len), &in) &&
        in.type == BELLHOP_CONTROL_PAGES)
        return true;
    handover_close(out);
    return false;
}

/* A memfd that nobody can make shorter under us, of exactly this size. */
static bool is_sealed(int fd, size_t size)
{
    long seals = syscall(SYS_fcntl, fd, F_GET_SEALS);
    return seals >= 0 && (seals & (F_SEAL_SHRINK | F_SEAL_GROW)) == (F_SEAL_SHRINK | F_SEAL_GROW) &&
           syscall(SYS_lseek, fd, 0, SEEK_END) == (long)size;
}

bool handover_ask(const struct sockaddr_un *address, int ms, struct handed *out)
{
    *out = (struct handed){ .fleet = -1, .process = -1 };
    int fd = open_socket(address, ms);
    if (fd < 0)
        return false;
    bool came = send_request(fd) && receive_answer(fd, out);
    close_fd(fd);
    if (came && is_sealed(out->fleet, PAGES_FLEET) && is_sealed(out->process, PAGES_PROCESS))
        return true;
    handover_close(out);
    return false;
}
