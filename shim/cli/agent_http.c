#include "cli/agent_http.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/preload.h"

#define HELPER "bellhop-metrics"

static pid_t helper;

static void run_helper(const char *path, const char *where, const char *socket, int ready,
                       pid_t agent)
{
    char fd[16];
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != agent)
        _exit(1);
    snprintf(fd, sizeof fd, "%d", ready);
    execl(path, HELPER, socket, where, fd, (char *)NULL);
    say("\"%s\" cannot be executed: %s", path, strerror(errno));
    _exit(1);
}

/* It closes the pipe without a word if it cannot serve, and has said why. */
bool http_start(const char *where, const char *socket)
{
    char path[PATH_MAX], word;
    int ready[2];
    pid_t agent = getpid();
    if (!beside_find(HELPER, path, sizeof path))
        return false;
    if (pipe(ready) != 0 || (helper = fork()) < 0) {
        say("cannot start %s: %s", HELPER, strerror(errno));
        return false;
    }
    if (helper == 0) {
        close(ready[0]);
        run_helper(path, where, socket, ready[1], agent);
    }
    close(ready[1]);
    bool serves = read(ready[0], &word, 1) == 1;
    close(ready[0]);
    return serves;
}

void http_ended(pid_t child)
{
    if (child == helper)
        say("metrics are served no more: %s has ended", HELPER);
}
