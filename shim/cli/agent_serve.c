/* What is asked of the agent: the table, attaching, settings, metrics. */
#include "cli/agent_serve.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/agent_fleet.h"
#include "cli/agent_journal.h"
#include "cli/agent_metrics.h"
#include "cli/proc.h"

/* --- attaching ------------------------------------------------------------------------------ */

static bool hand_over(struct client *c, struct span message, int fleet, int process_fd)
{
    int fds[2] = { fleet, process_fd };
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof fds)];
    } control = { .room = { 0 } };
    struct iovec part = { .iov_base = (char *)(uintptr_t)message.at, .iov_len = message.len };
    struct msghdr m = { .msg_iov = &part,
                        .msg_iovlen = 1,
                        .msg_control = control.room,
                        .msg_controllen = sizeof control.room };
    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(sizeof fds);
    memcpy(CMSG_DATA(&control.head), fds, sizeof fds);
    return sendmsg(c->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)message.len;
}

/* A process waits a moment only, and comes again later: what nobody waits for costs the others. */
static bool has_left(const struct client *c)
{
    struct pollfd p = { .fd = c->fd };
    return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR);
}

/* Who connected may have ended and left the connection to somebody, and its number to another
 * user's process. */
static struct process *who_connected(const struct client *c)
{
    struct proc_stat stat;
    uid_t uid;
    if (!proc_stat(c->pid, 0, &stat) || !proc_user(c->pid, &uid) || uid != c->uid)
        return NULL;
    return book_enter(c->pid, uid, stat.start);
}

static void serve_attach(struct client *c, const struct wire_in *in)
{
    char storage[64];
    int fd;
    if (has_left(c)) {
        c->closing = true;
        return;
    }
    struct process *p = who_connected(c);
    if (!p || !book_attach(p, &fd)) {
        refuse(c, in, BELLHOP_ERROR_FAILED);
        return;
    }
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_PAGES, in->id);
    if (!hand_over(c, wire_end(&w), fleet_fd(c->uid), fd))
        c->closing = true;
    close(fd);
}

static void serve_hello(struct client *c, const struct wire_in *in)
{
    char storage[128];
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_WELCOME, in->id);
    wire_put_u32(&w, BELLHOP_TAG_PID, (uint32_t)getpid());
    wire_put(&w, BELLHOP_TAG_VERSION, span_of(BELLHOP_VERSION));
    client_say(c, wire_end(&w));
}

/* --- settings, metrics ---------------------------------------------------------------------- */

/* A memfd that can change no more. Whoever sent it has been told already what is wrong with it, if
 * anything is. */
static void serve_reload(struct client *c, const struct wire_in *in)
{
    static char text[LIMIT_CONTROL_SETTINGS];
    const int need = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    struct stat st;
    int seals = c->passed < 0 ? -1 : fcntl(c->passed, F_GET_SEALS);
    if (!may_order_fleet(c)) {
        refuse(c, in, BELLHOP_ERROR_DENIED);
        return;
    }
    if (seals < 0 || (seals & need) != need || fstat(c->passed, &st) != 0 ||
        st.st_size > (off_t)sizeof text || pread(c->passed, text, sizeof text, 0) != st.st_size ||
        !book_set_settings("reload", span_make(text, (size_t)st.st_size))) {
        refuse(c, in, BELLHOP_ERROR_SETTINGS);
        return;
    }
    book_publish_all();
    journal_settings(); /* last: a busy disk may keep us waiting */
    client_end(c, in->id, (uint32_t)book_count());
}

static void serve_metrics(struct client *c, const struct wire_in *in)
{
    static char storage[BELLHOP_CONTROL_MESSAGE];
    const size_t piece = 32768;
    size_t len;
    if (!may_order_fleet(c)) {
        refuse(c, in, BELLHOP_ERROR_DENIED);
        return;
    }
    char *text = metrics_text(&len);
    if (!text) {
        refuse(c, in, BELLHOP_ERROR_FAILED);
        return;
    }
    for (size_t at = 0; at < len; at += piece) {
        struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_TEXT, in->id);
        wire_put(&w, BELLHOP_TAG_TEXT, span_make(text + at, len - at < piece ? len - at : piece));
        client_say(c, wire_end(&w));
    }
    free(text);
    client_end(c, in->id, 0);
}

void serve(struct client *c, const struct wire_in *in)
{
    static void (*const table[])(struct client * c, const struct wire_in *in) = {
        [BELLHOP_CONTROL_HELLO] = serve_hello,   [BELLHOP_CONTROL_ATTACH] = serve_attach,
        [BELLHOP_CONTROL_SET] = serve_order,     [BELLHOP_CONTROL_UNSET] = serve_order,
        [BELLHOP_CONTROL_CLEAR] = serve_order,   [BELLHOP_CONTROL_ENABLE] = serve_order,
        [BELLHOP_CONTROL_DISABLE] = serve_order, [BELLHOP_CONTROL_GET] = serve_question,
        [BELLHOP_CONTROL_PS] = serve_question,   [BELLHOP_CONTROL_METRICS] = serve_metrics,
        [BELLHOP_CONTROL_RELOAD] = serve_reload,
    };
    if (in->type < sizeof table / sizeof *table && table[in->type])
        table[in->type](c, in);
    else
        client_error(c, in->id, BELLHOP_ERROR_MALFORMED, "there is no such request");
}
