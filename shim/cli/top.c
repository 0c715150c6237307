/* top: ps again and again, by what changed. */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/record.h"

#define CARRIERS 4
#define EXE      63 /* columns */

struct row {
    uint32_t pid;
    bool attached, off; /* of struct record */
    bool rated;         /* it was there before */
    char *exe;          /* NULL: no memory */
    double rate[3];
    uint64_t sum[3]; /* made, injected, in */
};

/* A screen, sorted by pid as the rates need the one before. */
struct screen {
    struct row *row;
    size_t count, room;
    int64_t at; /* ns */
};

static const char *const columns[] = { "requests", "injected", "inbound" };
static int sorted_by;
static struct termios terminal;
static volatile sig_atomic_t stopped;

static int64_t now_ns(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void add(void *arg, const struct wire_in *in)
{
    struct screen *s = arg;
    struct record r;
    if (!record_read(&r, in))
        return;
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 256;
        struct row *more = realloc(s->row, room * sizeof *more);
        if (!more)
            return;
        s->row = more;
        s->room = room;
    }
    struct row *row = &s->row[s->count++];
    *row = (struct row){ .pid = r.pid, .attached = r.attached, .off = r.off };
    row->exe = r.exe.len ? strndup(r.exe.at, r.exe.len) : NULL;
    row->sum[0] = record_sum(&r, COUNT_requests_curl, CARRIERS);
    row->sum[1] = record_sum(&r, COUNT_injected_curl, CARRIERS);
    row->sum[2] = r.counter[COUNT_inbound];
}

static int by_pid(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static int by_rate(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->rate[sorted_by] != y->rate[sorted_by])
        return x->rate[sorted_by] < y->rate[sorted_by] ? 1 : -1;
    if (x->sum[sorted_by] != y->sum[sorted_by])
        return x->sum[sorted_by] < y->sum[sorted_by] ? 1 : -1;
    return by_pid(a, b);
}

static void find_rates(struct screen *s, const struct screen *before)
{
    double seconds = (double)(s->at - before->at) / 1e9;
    for (size_t i = 0; i < s->count && before->count; i++) {
        struct row *row = &s->row[i];
        const struct row *old = bsearch(row, before->row, before->count, sizeof *row, by_pid);
        row->rated = old != NULL;
        for (int c = 0; old && c < 3; c++)
            if (row->sum[c] >= old->sum[c])
                row->rate[c] = (double)(row->sum[c] - old->sum[c]) / seconds;
    }
}

static unsigned lines_there(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 4)
        return size.ws_row;
    return isatty(STDOUT_FILENO) ? 24 : ~0u;
}

static void show(const struct screen *s)
{
    bool live = isatty(STDOUT_FILENO);
    unsigned lines = lines_there();
    if (live)
        printf("\033[H\033[J");
    printf("bellhop: %zu programs, by %s; q ends\n", s->count, columns[sorted_by]);
    printf("%7s S %10s %10s %10s %12s %12s %12s %s\n", "PID", "REQ/S", "INJ/S", "IN/S", "REQUESTS",
           "INJECTED", "INBOUND", "PROGRAM");
    for (size_t i = 0; i < s->count && i + 3 < lines; i++) {
        const struct row *r = &s->row[i];
        printf("%7u %c %10.1f %10.1f %10.1f %12llu %12llu %12llu ", r->pid,
               !r->attached ? 'W'
               : r->off     ? 'D'
                            : 'A',
               r->rate[0], r->rate[1], r->rate[2], (unsigned long long)r->sum[0],
               (unsigned long long)r->sum[1], (unsigned long long)r->sum[2]);
        size_t len = r->exe ? strlen(r->exe) : 0, skip = len > EXE ? len - EXE : 0;
        print_safely(span_make(r->exe ? r->exe + skip : "", len - skip));
        putchar('\n');
    }
    fflush(stdout);
}

static json_t *row_json(const struct row *r)
{
    json_t *all = json_pack("{s:i, s:o, s:b, s:b}", "pid", (int)r->pid, "program",
                            text_json(span_of(r->exe ? r->exe : "")), "attached", r->attached,
                            "enabled", !r->off);
    for (int c = 0; all && c < 3; c++) {
        json_t *rate = r->rated ? json_real(r->rate[c]) : json_null(); /* not known yet */
        json_object_set_new(
            all, columns[c],
            json_pack("{s:I, s:o}", "total", (json_int_t)r->sum[c], "per_second", rate));
    }
    return all;
}

static void show_json(const struct screen *s)
{
    json_t *all = json_array();
    for (size_t i = 0; i < s->count; i++)
        json_array_append_new(all, row_json(&s->row[i]));
    print_json(json_pack("{s:s, s:o}", "sorted_by", columns[sorted_by], "processes", all));
    fflush(stdout);
}

static void release(struct screen *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->row[i].exe);
    free(s->row);
}

/* A second, or until somebody says that it is enough. */
static void wait_a_second(void)
{
    struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
    int64_t until = now_ns() + 1000000000;
    char key;
    while (!stopped && now_ns() < until) {
        int left = (int)((until - now_ns()) / 1000000) + 1;
        if (poll(&in, isatty(STDIN_FILENO) ? 1 : 0, left) > 0 &&
            (read(STDIN_FILENO, &key, 1) != 1 || key == 'q'))
            stopped = 1;
    }
}

/* One screen: *last is what the one before saw, and becomes what this one saw. */
static int turn(int fd, bool json, struct screen *last)
{
    char storage[64];
    struct screen now = { .row = NULL };
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_PS, 2);
    int status = client_ask(fd, wire_end(&w), -1, add, &now, NULL);
    now.at = now_ns();
    if (status == EXIT_OK) {
        find_rates(&now, last);
        if (now.count)
            qsort(now.row, now.count, sizeof *now.row, by_rate);
        (json ? show_json : show)(&now);
        if (now.count)
            qsort(now.row, now.count, sizeof *now.row, by_pid);
    }
    release(last);
    *last = now;
    return status;
}

static int loop(const struct asking *a)
{
    struct screen last = { .row = NULL };
    int status = EXIT_OK, fd = client_connect(a);
    if (fd < 0 || !client_greet(fd))
        status = EXIT_NO_AGENT;
    for (uint32_t turns = 0; status == EXIT_OK && !stopped; turns++) {
        status = turn(fd, a->json, &last);
        if (a->times && turns + 1 == a->times)
            break;
        if (status == EXIT_OK)
            wait_a_second();
    }
    release(&last);
    if (fd >= 0)
        close(fd);
    return status;
}

static void stop(int unused)
{
    (void)unused;
    stopped = 1;
}

/* Keys come one by one, and are not shown. */
static bool quiet_terminal(void)
{
    struct termios quiet;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &terminal) != 0)
        return false;
    quiet = terminal;
    quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    return tcsetattr(STDIN_FILENO, TCSANOW, &quiet) == 0;
}

static int run(int argc, char **argv)
{
    struct asking a;
    struct sigaction on = { .sa_handler = stop };
    int status = asking_take(&a, argc, argv, ASKING_TOP | ASKING_JSON);
    if (status != EXIT_OK)
        return status;
    for (sorted_by = 0; a.host && sorted_by < 3; sorted_by++)
        if (strcmp(columns[sorted_by], a.host) == 0)
            break;
    if (optind < argc || sorted_by == 3) {
        say("'%s' is not understood", optind < argc ? argv[optind] : a.host);
        return usage();
    }
    if (!isatty(STDOUT_FILENO) && !a.times)
        a.times = 1;
    sigaction(SIGINT, &on, NULL);
    sigaction(SIGTERM, &on, NULL);
    bool quiet = quiet_terminal();
    status = loop(&a);
    if (quiet)
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
    return status;
}

const struct command command_top = {
    .name = "top",
    .synopsis = "[--sort requests|injected|inbound] [--times N] [--json]",
    .summary = "Shows the busiest programs, again and again",
    .help =
        "Programs by requests a second, until q or Ctrl-C. S is A attached, D disabled, W away\n"
        "(see 'bellhop ps').\n"
        "\n"
        "  --sort COLUMN      requests made (the default), injected, inbound\n"
        "  --times N          end after N screens; without a terminal, after one\n"
        "  --json             a line for each screen, with all programs; per_second is null for "
        "one\n"
        "                     that the screen before did not have\n"
        "  --control SOCKET   of the agent; else BELLHOP_CONTROL or the default\n"
        "\n"
        "Exit codes: 0, 1 the agent refuses, 2 the command line is wrong, 3 no agent.\n",
    .run = run,
};
