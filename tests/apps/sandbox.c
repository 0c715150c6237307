/* A client that confines itself: sandbox PORT HOW. A request at start, then a filter that kills
 * whoever makes another system call than those of one more request, then a request for each byte on
 * standard input; "f": by a child. HOW: "prctl" or "syscall" installs it. */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int port;

static void must(int ok)
{
    if (!ok)
        _exit(3);
}

static void ask(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
    static const char request[] = "GET / HTTP/1.1\r\nHost: service-b.test\r\n\r\n";
    char answer[4096];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    must(write(fd, request, sizeof request - 1) == sizeof request - 1);
    must(read(fd, answer, sizeof answer) > 0);
    close(fd);
}

#define NR(number)                                                                                 \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static void confine(int by_syscall)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        NR(SYS_read),
        NR(SYS_write),
        NR(SYS_close),
        NR(SYS_connect),
        NR(SYS_exit_group),
        NR(SYS_clone),
        NR(SYS_wait4),
        NR(SYS_set_robust_list),
        /* Internet sockets alone. */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = { sizeof code / sizeof *code, code };
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    if (by_syscall)
        must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
    else
        must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

int main(int argc, char **argv)
{
    char word;
    if (argc != 3)
        return 2;
    port = atoi(argv[1]);
    ask();
    confine(strcmp(argv[2], "syscall") == 0);
    must(write(1, "confined\n", 9) == 9);
    while (read(0, &word, 1) == 1) {
        if (word == 'q')
            _exit(0);
        if (word == '\n')
            continue;
        int status = 0;
        pid_t child = word == 'f' ? fork() : 0;
        if (child == 0)
            ask();
        if (word == 'f' && child == 0)
            _exit(0);
        if (child > 0)
            must(waitpid(child, &status, 0) == child && status == 0);
        must(write(1, "asked\n", 6) == 6);
    }
    _exit(0);
}
