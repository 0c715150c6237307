#include "cli/agent_loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <time.h>

static int epoll_fd = -1;
static int end_status;
static bool stopped;

bool loop_start(void)
{
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    stopped = false;
    return epoll_fd >= 0;
}

static bool control(int operation, int fd, uint32_t events, struct source *s)
{
    struct epoll_event event = { .events = events, .data.ptr = s };
    return epoll_ctl(epoll_fd, operation, fd, &event) == 0;
}

bool loop_add(int fd, uint32_t events, struct source *s)
{
    return control(EPOLL_CTL_ADD, fd, events, s);
}

bool loop_change(int fd, uint32_t events, struct source *s)
{
    return control(EPOLL_CTL_MOD, fd, events, s);
}

void loop_remove(int fd)
{
    control(EPOLL_CTL_DEL, fd, 0, NULL);
}

int loop_run(void)
{
    while (!stopped) {
        /* One at a time: what one source ends cannot be among events that were fetched before. */
        struct epoll_event event;
        int n = epoll_wait(epoll_fd, &event, 1, -1);
        if (n < 0 && errno != EINTR)
            return 1;
        if (n == 1) {
            struct source *s = event.data.ptr;
            s->ready(s, event.events);
        }
    }
    return end_status;
}

void loop_stop(int status)
{
    end_status = status;
    stopped = true;
}

int64_t loop_now(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1;
}
