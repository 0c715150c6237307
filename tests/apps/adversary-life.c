/* The life of descriptors: adversary-life SCENARIO. Numbers that are reused behind the shim's back,
 * copies, children, and very many. Silent when all is well. */
#include <pty.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adversary-pair.h"

/* Two streams are closed by system calls, so that their numbers are free and known as streams. */
static int stale(void)
{
    struct pair a = pair_open(), b = pair_open();
    close(a.server);
    close(b.server);
    syscall(SYS_close, a.client);
    must(syscall(SYS_dup2, b.client, a.client) == a.client);
    syscall(SYS_close, b.client);
    syscall(SYS_close, a.client);
    return a.client;
}

/* What is written on `fd` stands in a file as it is. */
static void must_keep_file(int expected, int fd)
{
    char data[256] = "";
    must(fd == expected);
    must(write(fd, REQUEST, sizeof REQUEST - 1) == sizeof REQUEST - 1);
    must(pread(fd, data, sizeof data - 1, 0) == sizeof REQUEST - 1);
    must(strcmp(data, REQUEST) == 0);
    close(fd);
}

static void must_keep(int expected, int fd, int reader)
{
    must(fd == expected);
    must(write(fd, REQUEST, sizeof REQUEST - 1) == sizeof REQUEST - 1);
    must_read(reader, REQUEST);
    close(fd);
    close(reader);
}

static void stale_files(void)
{
    char name[] = "./fileXXXXXX", other[] = "./fileXXXXXX.x";
    int fd = stale();
    must_keep_file(fd, open("./open", O_RDWR | O_CREAT, 0600));
    fd = stale();
    must_keep_file(fd, open64("./open64", O_RDWR | O_CREAT, 0600));
    fd = stale();
    must_keep_file(fd, openat(AT_FDCWD, "./openat", O_RDWR | O_CREAT, 0600));
    fd = stale();
    must_keep_file(fd, memfd_create("memfd", 0));
    fd = stale();
    must_keep_file(fd, mkstemp(name));
    fd = stale();
    must_keep_file(fd, mkostemps(other, 2, O_CLOEXEC));
    fd = stale();
    must_keep_file(fd, fileno(tmpfile()));
    fd = stale();
    must_keep_file(fd, fileno(fopen("./fopen", "w+")));
    fd = stale();
    must_keep_file(fd, shm_open("/adversary-life", O_RDWR | O_CREAT | O_TRUNC, 0600));
    shm_unlink("/adversary-life");
    FILE *f = fdopen(pair_open().client, "r");
    fd = fileno(f);
    must_keep_file(fd, fileno(freopen("./freopen", "w+", f)));
}

static void stale_channels(void)
{
    int two[2], fd = stale();
    must(pipe(two) == 0 && two[0] == fd);
    must_keep(two[1], two[1], two[0]);
    fd = stale();
    must(pipe2(two, O_CLOEXEC) == 0 && two[0] == fd);
    must_keep(two[1], two[1], two[0]);
    fd = stale();
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, two) == 0);
    must_keep(fd, two[0], two[1]);
    fd = stale();
    int far, near = -1;
    must(openpty(&near, &far, NULL, NULL, NULL) == 0);
    must(near == fd && write(far, REQUEST, 5) == 5);
    must_read(near, "GET /");
    close(near);
    close(far);
    fd = stale();
    far = syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0) == fd ? fd : -1;
    must(far == fd && syscall(SYS_close, far) == 0);
    struct pair p = { .client = syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0) };
    syscall(SYS_connect, p.client, &pair_address, sizeof pair_address);
    p.server = (int)syscall(SYS_accept4, pair_listener, NULL, NULL, SOCK_CLOEXEC);
    must_keep(p.server, p.server, p.client);
}

static void stale_copies(void)
{
    int pipe_ends[2], fd = -1;
    must(pipe(pipe_ends) == 0);
    for (int i = 0; i < 5; i++) {
        int reader = dup(pipe_ends[0]), copy = -1;
        fd = stale();
        if (i == 0)
            copy = dup(pipe_ends[1]);
        else if (i < 3)
            copy = i == 1 ? dup2(pipe_ends[1], fd) : dup3(pipe_ends[1], fd, O_CLOEXEC);
        else
            copy = fcntl(pipe_ends[1], i == 3 ? F_DUPFD : F_DUPFD_CLOEXEC, 0);
        must_keep(fd, copy, reader);
    }
    fd = stale();
    uint64_t word;
    must(eventfd(0, 0) == fd && write(fd, "\1\0\0\0\0\0\0", 8) == 8);
    must(read(fd, &word, 8) == 8 && word == 1);
    close(fd);
    fd = stale();
    must(timerfd_create(CLOCK_MONOTONIC, 0) == fd);
    must(write(fd, REQUEST, 5) < 0 && errno == EINVAL);
    close(fd);
}

static void pass_on(int by, int fd)
{
    char byte = 0;
    union {
        struct cmsghdr head;
        char at[CMSG_SPACE(sizeof(int))];
    } control = { .head = { .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS,
                            .cmsg_len = CMSG_LEN(sizeof(int)) } };
    struct iovec iov = { &byte, 1 };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control };
    m.msg_controllen = sizeof control;
    memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
    must(sendmsg(by, &m, 0) == 1);
}

static int take_over(int by)
{
    char byte;
    int fd = -1;
    union {
        struct cmsghdr head;
        char at[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec iov = { &byte, 1 };
    struct mmsghdr m = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control } };
    m.msg_hdr.msg_controllen = sizeof control;
    must(recvmmsg(by, &m, 1, 0, NULL) == 1);
    memcpy(&fd, CMSG_DATA(&control.head), sizeof fd);
    return fd;
}

static void stale_rights(void)
{
    int two[2], pipe_ends[2];
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, two) == 0 && pipe(pipe_ends) == 0);
    pass_on(two[0], pipe_ends[1]);
    int fd = stale();
    must_keep(fd, take_over(two[1]), pipe_ends[0]);
}

/* One request, in two halves by two descriptors. */
static void by_halves(struct pair p, int first, int second)
{
    must(write(first, REQUEST, HALF) == HALF);
    must(send(second, &REQUEST[HALF], sizeof REQUEST - 1 - HALF, 0) == sizeof REQUEST - 1 - HALF);
    must_read(p.server, carried());
}

static void copies(void)
{
    struct pair p = pair_open();
    int copy[] = { dup(p.client), dup2(p.client, 200), dup3(p.client, 201, O_CLOEXEC),
                   fcntl(p.client, F_DUPFD, 300), fcntl(p.client, F_DUPFD_CLOEXEC, 300) };
    for (size_t i = 0; i < sizeof copy / sizeof *copy; i++) {
        by_halves(p, p.client, copy[i]);
        by_halves(p, copy[i], p.client);
    }
    close(p.client);
    for (size_t i = 0; i + 1 < sizeof copy / sizeof *copy; i++) {
        by_halves(p, copy[i], copy[i + 1]);
        close(copy[i]);
    }
    close_range(250, ~0u, 0);
    must(write(copy[4], REQUEST, 1) < 0 && errno == EBADF);
}

/* Copies that were made before the socket was connected. */
static void early_copies(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), copy = dup(fd);
    struct pair p = pair_connect(fd);
    by_halves(p, fd, copy);
    by_halves(p, copy, fd);
    pair_close(p);
    close(copy);
}

static void closings(void)
{
    struct pair p = pair_open(), q = pair_open();
    int copy = dup(p.client);
    close_range((unsigned)copy, (unsigned)copy, CLOSE_RANGE_CLOEXEC);
    by_halves(p, copy, p.client);
    close_range((unsigned)copy, (unsigned)copy, 0);
    must_carry(p);
    must(dup2(q.client, p.client) == p.client);
    by_halves(q, p.client, q.client);
    must(dup2(q.client, 500) == 500);
    closefrom(400);
    must(write(500, REQUEST, HALF) < 0 && errno == EBADF);
    must_carry(q);
}

static void forks(void)
{
    struct pair p = pair_open();
    must(write(p.client, REQUEST, HALF) == HALF);
    pid_t child = fork();
    if (child == 0) {
        must(write(p.client, &REQUEST[HALF], sizeof REQUEST - 1 - HALF) > 0);
        _exit(0);
    }
    must(waitpid(child, NULL, 0) == child);
    must_read(p.server, carried());
    must_be_empty(p.server);
}

/* The child shares the parent's memory, but what it does to descriptors is its own. */
static void vforks(void)
{
    struct pair p = pair_open(), q = pair_open();
    for (int i = 0; i < 100; i++) {
        int status;
        pid_t child = vfork();
        if (child == 0) {
            close(p.client);
            dup2(q.client, p.client);
            close_range((unsigned)q.client, (unsigned)q.client, 0);
            execl("/bin/true", "true", NULL);
            _exit(1);
        }
        must(child > 0 && waitpid(child, &status, 0) == child && status == 0);
        by_halves(p, p.client, p.client);
        must_carry(q);
    }
}

/* Bytes that libc's stdio writes are not seen: what follows on the stream may be a body. */
static void stdio(void)
{
    static const char head[] = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 33\r\n\r\n";
    for (int i = 0; i < 2; i++) {
        struct pair p = pair_open();
        must_carry(p);
        FILE *f = i ? fdopen(dup(p.client), "w") : NULL;
        must(f ? fputs(head, f) >= 0 && fclose(f) == 0
               : dprintf(p.client, "%s", head) == sizeof head - 1);
        must(write(p.client, REQUEST, sizeof REQUEST - 1) == sizeof REQUEST - 1);
        must_read(p.server, head);
        must_read(p.server, REQUEST);
        pair_close(p);
    }
    struct pair p = pair_open();
    FILE *f = fdopen(dup(p.client), "r"); /* a reader changes nothing */
    must_carry(p);
    fclose(f);
    must_carry(p);
}

/* A call that fails, and then one with less: requests that did not go out were never there. */
static void less(void)
{
    static const char three[] = REQUEST REQUEST REQUEST;
    struct pair p = pair_open();
    fcntl(p.client, F_SETFL, O_NONBLOCK);
    while (write(p.client, REQUEST, REQUEST_LEN) > 0)
        ;
    for (int i = 0; i < 3; i++) {
        must(write(p.client, three, sizeof three - 1) < 0 && errno == EAGAIN);
        must(write(p.client, REQUEST, 5) < 0 && errno == EAGAIN);
    }
    must(clock() < CLOCKS_PER_SEC);
    for (char data[4096]; recv(p.server, data, sizeof data, MSG_DONTWAIT) > 0;)
        ;
    must(write(p.client, REQUEST, REQUEST_LEN) > 0);
}

static long resident_kb(void)
{
    long total, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    must(f && fscanf(f, "%ld %ld", &total, &resident) == 2);
    fclose(f);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* `count` connections, each with a request: 1 KB of memory each at most. */
/* Where the kernel has TLS, what was a handshake goes on as plain bytes (OpenSSL's kTLS). */
static void after_handshake(void)
{
    static const char hello[] = "\x16\x03\x01\x02\x7f\x01";
    char name[] = "./bodyXXXXXX";
    int file = mkstemp(name);
    off_t at = 0;
    must(write(file, REQUEST, REQUEST_LEN) == (ssize_t)REQUEST_LEN);
    for (int way = 0; way < SEND_WAYS; way++) {
        struct pair p = pair_open();
        must(write(p.client, hello, sizeof hello - 1) == sizeof hello - 1);
        must_read(p.server, hello);
        for (int i = 0; i < 3; i++) {
            send_by(way, p.client);
            must_read(p.server, REQUEST);
        }
        at = 0;
        must(sendfile(p.client, file, &at, REQUEST_LEN) == (ssize_t)REQUEST_LEN);
        must_read(p.server, REQUEST);
        pair_close(p);
    }
}

static void very_many(int count)
{
    struct rlimit limit = { (rlim_t)(2 * count + 100), (rlim_t)(2 * count + 100) };
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        printf("the limit cannot be raised\n");
        exit(77);
    }
    struct pair *p = calloc((size_t)count, sizeof *p);
    must(p);
    for (int i = 0; i < count; i++)
        p[i].client = p[i].server = -1;
    long before = resident_kb();
    for (int i = 0; i < count; i++) {
        p[i] = pair_open();
        must(write(p[i].client, REQUEST, HALF) == HALF);
    }
    long used = resident_kb() - before;
    for (int i = 0; i < count; i++) {
        must(write(p[i].client, &REQUEST[HALF], sizeof REQUEST - 1 - HALF) > 0);
        must_read(p[i].server, carried());
    }
    printf("%ld bytes a connection\n", used * 1024 / count);
    must(used <= count + 2048);
    for (int i = 0; i < count; i++)
        pair_close(p[i]);
    must_carry(pair_open());
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } scenarios[] = {
        { "files", stale_files },
        { "channels", stale_channels },
        { "stale-copies", stale_copies },
        { "rights", stale_rights },
        { "copies", copies },
        { "early-copies", early_copies },
        { "closings", closings },
        { "fork", forks },
        { "vfork", vforks },
        { "stdio", stdio },
        { "less", less },
        { "after-handshake", after_handshake },
    };
    must(argc > 1);
    pair_listen();
    if (strcmp(argv[1], "many") == 0) {
        very_many(atoi(argv[2]));
        return 0;
    }
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        if (strcmp(argv[1], scenarios[i].name) == 0) {
            scenarios[i].run();
            return 0;
        }
    return 2;
}
