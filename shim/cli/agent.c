#include "cli/agent.h"

#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/agent_book.h"
#include "cli/agent_client.h"
#include "cli/agent_fleet.h"
#include "cli/agent_http.h"
#include "cli/agent_journal.h"
#include "cli/agent_socket.h"
#include "cli/cli.h"
#include "control/attach.h"

static struct source timer, signals;
static int timer_fd = -1, signal_fd = -1;
static pid_t hosted; /* the program that run --agent started; 0: none */

/* --- while it runs -------------------------------------------------------------------------- */

static void tick(struct source *s, uint32_t events)
{
    uint64_t times;
    int64_t now = loop_now();
    (void)s;
    (void)events;
    (void)!read(timer_fd, &times, sizeof times);
    fleet_beat(now);
    clients_tidy(now);
    book_tidy();
    journal_tidy();
}

static void child_changed(void)
{
    int status;
    for (pid_t child; (child = waitpid(-1, &status, WNOHANG)) > 0;) {
        http_ended(child);
        if (child != hosted)
            continue;
        hosted = 0;
        loop_stop(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
}

/* What is meant for the program is passed on; a terminal tells it to both anyway. */
static void signalled(struct source *s, uint32_t events)
{
    struct signalfd_siginfo info;
    (void)s;
    (void)events;
    if (read(signal_fd, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo == SIGCHLD)
        child_changed();
    else if (hosted && info.ssi_code <= 0)
        kill(hosted, (int)info.ssi_signo);
    else if (!hosted && info.ssi_signo != SIGHUP)
        loop_stop(EXIT_OK);
}

static bool watch_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    signals.ready = signalled;
    return signal_fd >= 0 && loop_add(signal_fd, EPOLLIN, &signals);
}

static bool watch_time(void)
{
    struct itimerspec every = { .it_interval = { .tv_nsec = CONTROL_BEAT_MS * 1000000L },
                                .it_value = { .tv_nsec = 1 } };
    timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    timer.ready = tick;
    return timer_fd >= 0 && timerfd_settime(timer_fd, 0, &every, NULL) == 0 &&
           loop_add(timer_fd, EPOLLIN, &timer);
}

/* A descriptor for each process, and one for each client. Not before the program that is hosted
 * has been started: it has the limit that it would have had. */
static void raise_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

int agent_run(pid_t child)
{
    hosted = child;
    raise_limit();
    if (!watch_signals() || !watch_time()) {
        say("cannot run: %s", strerror(errno));
        return EXIT_FAULT;
    }
    child_changed(); /* it may have ended before we looked */
    socket_notify("READY=1");
    int status = loop_run();
    socket_notify("STOPPING=1");
    fleet_beat(0);
    socket_remove();
    return status;
}

/* --- starting ------------------------------------------------------------------------------- */

bool agent_start(const struct agent_options *options)
{
    char path[SOCKET_PATH] = "", journal[SOCKET_PATH + 8];
    int fd = options->socket ? -1 : socket_inherited(path);
    if (fd == SOCKET_WRONG)
        return false;
    if (fd < 0) {
        if (options->socket)
            snprintf(path, sizeof path, "%s", options->socket);
        else if (!socket_default(path))
            return false;
        fd = socket_listen(options->socket ? options->socket : path, options->mode, options->group);
    }
    if (fd < 0)
        return false;
    snprintf(journal, sizeof journal, "%s.state", path);
    if (!loop_start() || !fleet_start() ||
        !journal_start(options->journal && *path ? journal : NULL))
        return false;
    if (!clients_listen(fd)) {
        say("cannot listen: %s", strerror(errno));
        return false;
    }
    return !options->metrics || http_start(options->metrics, path);
}

static bool take_mode(struct agent_options *o, const char *text)
{
    char *end;
    unsigned long mode = strtoul(text, &end, 8);
    if (*end || end == text || mode > 0777) {
        say("--mode '%s' is no mode such as 0660", text);
        return false;
    }
    o->mode = (mode_t)mode;
    return true;
}

static bool take_group(struct agent_options *o, const char *name)
{
    const struct group *g = getgrnam(name);
    if (!g) {
        say("there is no group '%s'", name);
        return false;
    }
    o->group = g->gr_gid;
    return true;
}

static bool take_options(struct agent_options *o, int argc, char **argv)
{
    static const struct option options[] = {
        { "control", required_argument, NULL, 'c' }, { "mode", required_argument, NULL, 'm' },
        { "group", required_argument, NULL, 'g' },   { "metrics", required_argument, NULL, 'M' },
        { "forget", no_argument, NULL, 'f' },        { 0 }
    };
    bool good = true;
    for (int c; good && (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'c')
            o->socket = optarg;
        else if (c == 'm')
            good = take_mode(o, optarg);
        else if (c == 'g')
            good = take_group(o, optarg);
        else if (c == 'M')
            o->metrics = optarg;
        else if (c == 'f')
            o->journal = false;
        else
            good = false;
    }
    return good && optind == argc;
}

static int run(int argc, char **argv)
{
    struct agent_options o = { .mode = 0600, .group = (gid_t)-1, .journal = true };
    if (!take_options(&o, argc, argv))
        return usage();
    return agent_start(&o) ? agent_run(0) : EXIT_FAULT;
}

const struct command command_agent = {
    .name = "agent",
    .synopsis = "[OPTION...]",
    .summary = "Lets the baggage of running programs be seen and changed",
    .help = "Listens for programs (BELLHOP_CONTROL, bellhop run --control) and for the commands\n"
            "set, unset, clear, get, ps, top, metrics, reload, enable and disable. It stays in\n"
            "the foreground until SIGTERM. When it is killed, programs go on with what they have,\n"
            "and find the next agent when they make their next request.\n"
            "\n"
            "  --control SOCKET   where to listen; by default $XDG_RUNTIME_DIR/bellhop.sock, for\n"
            "                     root /run/bellhop/bellhop.sock, or what systemd hands over\n"
            "  --mode MODE        of the socket, 0600 by default\n"
            "  --group GROUP      of the socket\n"
            "  --metrics ADDRESS:PORT\n"
            "                     serve metrics over HTTP, as of 127.0.0.1:9464/metrics\n"
            "  --forget           keep nothing in SOCKET.state for the next agent\n"
            "\n"
            "Whoever may connect can attach programs of their own, and give orders for these.\n"
            "Orders for all may come from the agent's user and from root.\n"
            "\n"
            "Exit codes: 0 it was told to go, 1 it cannot run, 2 the command line is wrong.\n",
    .run = run,
};
