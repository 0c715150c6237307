/* B whose handlers have other programs ask C: chain-spawn HOW PORT C-PORT PROGRAM. PROGRAM is run
 * with the path, and prints C's answer, one line. HOW is the function that starts it, or fork: a
 * child that asks by itself. B's own environment must stay as it was: B ends with status 3
 * otherwise. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "chain-ask.h"

extern char **environ;

static const char *how, *program;
static char **before;

/* --- the environment -------------------------------------------------------------------------- */

static char **copy_environment(void)
{
    size_t n = 0;
    while (environ[n])
        n++;
    char **copy = calloc(n + 1, sizeof *copy);
    if (!copy)
        exit(1);
    for (size_t i = 0; i < n; i++)
        copy[i] = strdup(environ[i]);
    return copy;
}

static void check_environment(void)
{
    size_t i = 0;
    while (before[i] && environ[i] && !strcmp(before[i], environ[i]))
        i++;
    if (before[i] || environ[i])
        _exit(3);
}

/* --- the exec family -------------------------------------------------------------------------- */

static void exec_program(char **argv)
{
    char *bare[] = { argv[0], argv[1], NULL };
    if (!strcmp(how, "execve") || !strcmp(how, "vfork"))
        execve(program, argv, environ);
    else if (!strcmp(how, "execv"))
        execv(program, argv);
    else if (!strcmp(how, "execvp"))
        execvp(program, argv);
    else if (!strcmp(how, "execvpe"))
        execvpe(program, argv, environ);
    else if (!strcmp(how, "execl"))
        execl(program, bare[0], bare[1], (char *)NULL);
    else if (!strcmp(how, "execlp"))
        execlp(program, bare[0], bare[1], (char *)NULL);
    else if (!strcmp(how, "execle"))
        execle(program, bare[0], bare[1], (char *)NULL, environ);
    else if (!strcmp(how, "fexecve"))
        fexecve(open(program, O_RDONLY), argv, environ);
    else if (!strcmp(how, "execveat"))
        execveat(AT_FDCWD, program, argv, environ, 0);
}

/* In the child: standard output leads to the handler. */
static void child(int out, char **argv)
{
    dup2(out, 1);
    if (!strcmp(how, "fork")) {
        char answer[1024];
        ssize_t n = chain_ask(chain_client_new(), argv[1], answer, sizeof answer);
        _exit(n > 0 && write(1, answer, (size_t)n) == n ? 0 : 1);
    }
    /* As careful programs do: the handler's connection is closed in the child alone. */
    if (!strcmp(how, "execl") || !strcmp(how, "vfork"))
        closefrom(3);
    exec_program(argv);
    _exit(127);
}

/* --- starting it ------------------------------------------------------------------------------ */

static pid_t spawn(int out, char **argv)
{
    posix_spawn_file_actions_t actions;
    pid_t pid = -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    int rc = !strcmp(how, "posix_spawn")
                 ? posix_spawn(&pid, program, &actions, NULL, argv, environ)
                 : posix_spawnp(&pid, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return rc ? -1 : pid;
}

static pid_t start(int out, char **argv)
{
    if (!strncmp(how, "posix_spawn", 11))
        return spawn(out, argv);
    pid_t pid = strcmp(how, "vfork") ? fork() : vfork();
    if (!pid)
        child(out, argv);
    return pid;
}

/* The program's line; other children may hold the pipe's end, so its end says nothing. */
static size_t read_line(int fd, char *line, size_t room)
{
    size_t n = 0;
    while (n < room && read(fd, line + n, 1) == 1)
        if (line[n++] == '\n')
            break;
    return n;
}

static size_t run_piped(char **argv, char *line, size_t room)
{
    int ends[2];
    char command[4096];
    pid_t pid = -1;
    if (pipe(ends))
        return 0;
    if (strcmp(how, "system")) {
        pid = start(ends[1], argv);
    } else {
        snprintf(command, sizeof command, "%s %s >/dev/fd/%d", program, argv[1], ends[1]);
        (void)!system(command);
    }
    close(ends[1]);
    size_t n = read_line(ends[0], line, room);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    close(ends[0]);
    return n;
}

static size_t run(char **argv, char *line, size_t room)
{
    char command[4096];
    if (strcmp(how, "popen"))
        return run_piped(argv, line, room);
    snprintf(command, sizeof command, "%s %s", program, argv[1]);
    FILE *file = popen(command, "r");
    size_t n = file && fgets(line, (int)room, file) ? strlen(line) : 0;
    if (file)
        pclose(file);
    return n;
}

static void *on_connection(void *arg)
{
    struct chain_conn *conn = calloc(1, sizeof *conn);
    struct chain_request r;
    char line[1024];
    if (!conn)
        exit(1);
    conn->fd = (int)(intptr_t)arg;
    while (chain_read_head(conn, &r) && chain_skip_body(conn, &r)) {
        char *argv[] = { (char *)program, r.path, NULL };
        size_t n = run(argv, line, sizeof line);
        check_environment();
        if (!chain_reply(conn->fd, &r, line, n) || !r.keep)
            break;
    }
    close(conn->fd);
    free(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    how = argv[1];
    chain_c_port = atoi(argv[3]);
    program = argv[4];
    before = copy_environment();
    int listener = chain_listen(argv[2]);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        chain_start(on_connection, (void *)(intptr_t)fd);
    }
}
