/* system and popen, and all that can be seen of them: shell WHOSE CASE. WHOSE is "inbound" (the
 * case is the handler of a request), "attached" (through the API; without the shim nothing is) or
 * "none". What it prints must be the same with the shim and without. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bellhop/baggage.h"
#include "shell-serve.h"

enum { THREADS = 8, ROUNDS = 12 };

static const char *whose;
static volatile sig_atomic_t signals[65];

static void count(int signal)
{
    signals[signal]++;
}

static void handle(int signal, void (*handler)(int), int flags)
{
    struct sigaction a = { .sa_handler = handler, .sa_flags = flags };
    sigaddset(&a.sa_mask, SIGUSR2);
    sigaction(signal, &a, NULL);
}

static void show_signals(void)
{
    static const int all[] = { SIGINT, SIGQUIT, SIGCHLD, SIGALRM };
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct sigaction a;
        sigaction(all[i], NULL, &a);
        printf("%d: %s %x %d, blocked %d, came %d\n", all[i],
               a.sa_handler == SIG_IGN   ? "ignored"
               : a.sa_handler == SIG_DFL ? "default"
                                         : "handled",
               (unsigned)a.sa_flags & ~0x4000000u /* SA_RESTORER */,
               sigismember(&a.sa_mask, SIGUSR2), sigismember(&mask, all[i]), (int)signals[all[i]]);
    }
}

static void run(const char *command)
{
    fflush(stdout);
    errno = 77;
    int status = system(command);
    int error = errno;
    printf("system %x errno %d\n", (unsigned)status, error);
}

static void show_close(FILE *file, int (*close)(FILE *))
{
    int (*volatile any)(FILE *) = close; /* also the one that does not suit the stream */
    errno = 77;
    int status = any(file);
    printf("close %x errno %d\n", (unsigned)status, errno);
}

static FILE *show_open(const char *command, const char *mode)
{
    fflush(stdout);
    errno = 77;
    FILE *file = popen(command, mode);
    int error = errno;
    printf("popen %s: %s errno %d", mode, file ? "open" : "none", error);
    if (file)
        printf(" fd %d flags %x %x", fileno(file), (unsigned)fcntl(fileno(file), F_GETFD),
               (unsigned)fcntl(fileno(file), F_GETFL));
    printf("\n");
    return file;
}

static void show_all(FILE *file)
{
    char line[4096];
    while (file && fgets(line, sizeof line, file))
        fputs(line, stdout);
}

/* --- the cases -------------------------------------------------------------------------------- */

#define FIELDS "printf '%s|%s|%s\\n' \"$BAGGAGE\" \"$TRACEPARENT\" \"$LD_PRELOAD\""

static void on_fields(void)
{
    run(FIELDS);
    FILE *file = show_open(FIELDS, "r");
    show_all(file);
    show_close(file, pclose);
    file = show_open(FIELDS, "w");
    show_close(file, pclose);
}

#define OTHERS "env | grep -vE '^(PWD|BAGGAGE|LD_PRELOAD|TRACE.*)='"

static void on_environment(void)
{
    putenv((char *)"LATE=in the program");
    run(OTHERS);
    show_all(show_open(OTHERS, "r"));
    run("tr '\\0' '|' </proc/$$/cmdline; echo; echo \"$0 $# $-\"");
    run("cut -d' ' -f1-3,5-8 /proc/self/stat >/dev/null; test $(ps -o ppid= $$) -eq $PPID");
    printf("%s\n", getenv("BAGGAGE") ? getenv("BAGGAGE") : "no baggage");
}

static void on_status(void)
{
    static const char *const commands[] = { "exit 0",
                                            "exit 3",
                                            "exit 127",
                                            "exit 255",
                                            "kill -9 $$",
                                            "kill -TERM $$",
                                            "no-such-program-x",
                                            "echo out; echo err >&2",
                                            "",
                                            "(",
                                            "-c 'echo x'",
                                            "--",
                                            "+x",
                                            "echo 1; sleep 0.01; echo 2",
                                            "head -c 300000 /dev/zero | tr '\\0' x | wc -c",
                                            "read a; echo \"$a\"" };
    printf("shell %d\n", system(NULL) != 0);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        run(commands[i]);
    char *large = malloc(300001);
    memset(large, ' ', 300000);
    large[300000] = '\0';
    run(large);
    FILE *file = show_open(large, "r");
    if (file)
        show_close(file, pclose);
    free(large);
}

static void on_streams(void)
{
    static const char *const modes[] = {
        "r", "w", "re", "we", "er", "rr", "", "rw", "x", "rx", "e"
    };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        FILE *file = show_open("echo hello; exit 5", modes[i]);
        if (file && strchr(modes[i], 'r'))
            show_all(file);
        if (file)
            show_close(file, i % 2 ? fclose : pclose);
    }
    FILE *file = show_open("cat; exit 6", "w");
    fprintf(file, "to the child\n");
    show_close(file, pclose);
    show_close(fopen("/dev/null", "r"), pclose);
    show_close(show_open("kill -9 $$", "r"), fclose);
    handle(SIGPIPE, SIG_IGN, 0);
    for (int status = 0; status < 2; status++) { /* what the last write came to */
        file = show_open(status ? "exec <&-; exit 4" : "exec <&-", "w");
        run("sleep 0.3");
        fprintf(file, "lost");
        show_close(file, pclose);
    }
    file = show_open("cat; exit 7", "w");
    close(fileno(file));
    show_close(file, pclose);
    printf("wait %d\n", wait(NULL) > 0);
    printf("left %d\n", (int)wait(NULL));
}

/* Which numbers a child has open, and the one of its look. */
#define OPEN "cd /proc/$$/fd && echo *"

static void on_descriptors(void)
{
    FILE *first = show_open("cat >/dev/null; exit 1", "w");
    FILE *second = show_open("sleep 100", "re");
    show_all(show_open(OPEN, "r"));
    run(OPEN);
    show_close(show_open(OPEN, "w"), pclose);
    show_close(first, pclose);
    run(OPEN);
    fclose(fopen("/dev/null", "r"));
    (void)second;
    run("kill $(ps -o pid= --ppid $PPID -C sleep | head -1) 2>/dev/null; true");
    int kept = dup(1);
    for (int low = 0; low < 2; low++) { /* the pipe gets the numbers 0 and 1 */
        close(0);
        if (low)
            close(1);
        FILE *file = popen("echo low; cat >&2", low ? "w" : "r");
        char line[16] = "";
        if (file && !low)
            (void)!fgets(line, sizeof line, file);
        int fd = file ? fileno(file) : -1;
        int status = file ? pclose(file) : -1;
        dup2(kept, 1);
        printf("%d: fd %d, %x %s\n", low, fd, (unsigned)status, line);
    }
    struct rlimit few = { 4, 4 };
    setrlimit(RLIMIT_NOFILE, &few);
    show_open("true", "r");
}

static void on_signals(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &mask, NULL);
    handle(SIGTERM, SIG_IGN, 0);
    handle(SIGINT, count, 0);
    handle(SIGQUIT, count, SA_RESTART);
    handle(SIGCHLD, count, SA_RESTART);
    handle(SIGALRM, count, 0);
    show_signals();
    run("grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status");
    run("kill -INT $PPID; kill -QUIT $PPID; sleep 0.5; grep -E '^Sig(Blk|Ign)' /proc/$PPID/status");
    show_signals();
    alarm(1); /* interrupts the wait */
    run("sleep 2; exit 9");
    show_signals();
    FILE *file = show_open("grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; sleep 2", "r");
    show_all(file);
    alarm(1);
    file = show_open("sleep 2; exit 9", "w");
    show_close(file, pclose);
    handle(SIGQUIT, SIG_IGN, 0);
    handle(SIGINT, SIG_DFL, 0);
    run("grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status");
    run("kill -INT $$");
    handle(SIGCHLD, SIG_IGN, 0);
    run("exit 3");
    show_close(show_open("exit 3", "r"), pclose);
    show_signals();
}

static void on_fork(void)
{
    FILE *file = show_open("cat; exit 8", "w");
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        show_close(file, pclose);
        run("exit 2");
        show_close(show_open("exit 3", "r"), pclose);
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    show_close(file, pclose);
}

/* --- threads ---------------------------------------------------------------------------------- */

/* Request contexts are a thread's own; every other one attaches, so that both ways are gone. */
static void attach(const void *thread)
{
    if (!strcmp(whose, "attached") || ((uintptr_t)thread & 1))
        bellhop_set("user-id", "user-12345", 10, NULL);
}

static void *on_thread(void *arg)
{
    long wrong = 0;
    attach(arg);
    for (int i = 0; i < ROUNDS; i++) {
        char command[64], line[64] = "";
        int code = (int)((uintptr_t)arg * ROUNDS + (unsigned)i) % 200;
        snprintf(command, sizeof command, "exit %d", code);
        wrong += system(command) != W_EXITCODE(code, 0);
        snprintf(command, sizeof command, "echo %d; exit %d", code, code);
        FILE *file = popen(command, "r");
        wrong += !file || !fgets(line, sizeof line, file) || atoi(line) != code;
        wrong += !file || pclose(file) != W_EXITCODE(code, 0);
        snprintf(command, sizeof command, "cat >/dev/null; exit %d", code);
        file = popen(command, i % 2 ? "w" : "we");
        wrong += !file || fputs("x\n", file) < 0 || pclose(file) != W_EXITCODE(code, 0);
    }
    return (void *)wrong;
}

static void on_threads(void)
{
    pthread_t threads[THREADS];
    long wrong = 0;
    handle(SIGINT, count, 0);
    handle(SIGQUIT, count, SA_RESTART);
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, on_thread, (void *)i);
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += (long)result;
    }
    printf("wrong %ld, children left %d\n", wrong, wait(NULL) > 0);
    show_signals();
}

static const char *waiting;

static void *on_wait(void *arg)
{
    attach(arg);
    (void)!system(waiting);
    return NULL;
}

static pid_t read_pid(int fd)
{
    char line[32] = "";
    for (size_t n = 0; n < sizeof line - 1 && read(fd, line + n, 1) == 1 && line[n] != '\n';)
        n++;
    return atoi(line);
}

static pthread_t start_waiting(int fd, pid_t *pid, uintptr_t attached)
{
    char command[64];
    pthread_t thread;
    snprintf(command, sizeof command, "echo $$ >&%d; exec sleep 1000", fd);
    waiting = command;
    pthread_create(&thread, NULL, on_wait, (void *)attached);
    *pid = read_pid(fd - 1);
    return thread;
}

static void end_waiting(pthread_t thread, pid_t pid, int by_cancel)
{
    void *result = NULL;
    if (by_cancel)
        pthread_cancel(thread);
    else
        kill(pid, SIGKILL);
    pthread_join(thread, &result);
    printf("cancelled %d, child there %d\n", result == PTHREAD_CANCELED, kill(pid, 0) == 0);
    show_signals();
}

/* Two at once, of whom each is answered by libc or by the shim, ends first, and is cancelled. */
static void on_cancel(void)
{
    int ends[2];
    if (pipe(ends) || dup2(ends[0], 8) < 0 || dup2(ends[1], 9) < 0)
        return;
    handle(SIGINT, count, 0);
    handle(SIGQUIT, count, SA_RESTART);
    for (unsigned i = 0; i < 32; i++) {
        pid_t pids[2];
        pthread_t first = start_waiting(9, &pids[0], i & 1);
        pthread_t second = start_waiting(9, &pids[1], i >> 1 & 1);
        show_signals();
        end_waiting(i & 4 ? first : second, pids[!(i & 4)], i & 8);
        end_waiting(i & 4 ? second : first, pids[!!(i & 4)], i & 16);
    }
    printf("left %d\n", (int)wait(NULL));
}

/* --- whose ------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    { "fields", on_fields },   { "environment", on_environment }, { "status", on_status },
    { "streams", on_streams }, { "descriptors", on_descriptors }, { "signals", on_signals },
    { "fork", on_fork },       { "threads", on_threads },         { "cancel", on_cancel },
};

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    whose = argv[1];
    setvbuf(stdout, NULL, _IOFBF, 65536);
    if (!strcmp(whose, "inbound"))
        serve();
    else if (!strcmp(whose, "attached"))
        bellhop_set("user-id", "user-12345", 10, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!strcmp(argv[2], cases[i].name))
            cases[i].run();
    return fflush(stdout) != 0;
}
