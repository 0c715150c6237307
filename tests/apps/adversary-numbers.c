/* Very high descriptors, and limits that are raised late: adversary-numbers MODE LIMIT. Silent when
 * all is well, but for what it is asked to say. */
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "adversary-pair.h"

#define WHOLE (sizeof REQUEST - 1)

static rlim_t most;

static void allow(rlim_t count)
{
    const struct rlimit limit = { count, most };
    must(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/* By somebody else, who is not seen. */
static void allow_from_outside(rlim_t count)
{
    const struct rlimit64 limit = { count, most };
    pid_t self = getpid(), child = fork();
    int status;
    if (child == 0)
        _exit((int)syscall(SYS_prlimit64, self, RLIMIT_NOFILE, &limit, NULL) != 0);
    must(waitpid(child, &status, 0) == child && status == 0);
}

static void in_halves(struct pair p, int one, int other)
{
    must(write(one, REQUEST, HALF) == HALF);
    must(write(other, &REQUEST[HALF], WHOLE - HALF) == (ssize_t)(WHOLE - HALF));
    must_read(p.server, carried());
}

/* A number that was a stream's until a close that nobody saw. */
static void must_stay_plain(int number)
{
    int ends[2], from = pair_open().client;
    must(dup2(from, number) == number && close(from) == 0);
    must(syscall(SYS_close, number) == 0);
    must(pipe(ends) == 0 && fcntl(ends[1], F_DUPFD, number) == number);
    must(write(number, REQUEST, WHOLE) == (ssize_t)WHOLE);
    must_read(ends[0], REQUEST);
    must(close(number) == 0 && close(ends[0]) == 0 && close(ends[1]) == 0);
}

/* Copies of one connection at the highest numbers there are. */
static void use_high_numbers(void)
{
    int last = (int)most - 1, half = last - 1000;
    struct pair p = pair_open();
    must(dup2(p.client, last) == last);
    in_halves(p, p.client, last);
    must(fcntl(last, F_DUPFD, half) == half);
    in_halves(p, last, half);
    must(fcntl(half, F_DUPFD_CLOEXEC, last - 1) == last - 1);
    in_halves(p, half, last - 1);
    must(dup3(last, last - 2, O_CLOEXEC) == last - 2);
    in_halves(p, last - 2, last);
    struct pollfd wait = { .fd = last, .events = POLLOUT };
    must(poll(&wait, 1, 0) == 1 && wait.revents == POLLOUT);
    must(dup2(last, last + 1) == -1 && errno == EBADF);
    must(close_range((unsigned)half, (unsigned)last - 1, 0) == 0);
    in_halves(p, p.client, last);
    close(p.client);
    in_halves(p, last, last);
    closefrom(last);
    must(read(p.server, &(char){ 0 }, 1) == 0);
}

static void high(void)
{
    allow(most);
    use_high_numbers();
    must_stay_plain((int)most - 1000);
    must_stay_plain((int)most - 1);
}

/* Where libhigh.so plays the kernel, which system calls do not know of. */
static void pretended(void)
{
    allow(most);
    use_high_numbers();
}

static void outside(void)
{
    allow_from_outside(most);
    use_high_numbers();
    must_stay_plain((int)most - 1);
}

/* The limit grows little by little, and all is in use: the first halves of requests wait. */
static void steps(void)
{
    size_t all = most / 2 - 60, open = 0;
    struct pair *p = calloc(all, sizeof *p);
    must(p);
    for (rlim_t limit = 1000; open < all; limit += 2500) {
        size_t until = limit / 2 - 60;
        allow(limit < most ? limit : most);
        for (; open < until && open < all; open++) {
            p[open] = pair_open();
            must(write(p[open].client, REQUEST, HALF) == HALF);
        }
    }
    for (size_t i = 0; i < all; i++) {
        must(write(p[i].client, &REQUEST[HALF], WHOLE - HALF) == (ssize_t)(WHOLE - HALF));
        must_read(p[i].server, carried());
        pair_close(p[i]);
    }
    must_carry(pair_open());
    free(p);
}

/* More connections than there is room for, as nobody was told: each carries, or is untouched. */
static void crowd(void)
{
    size_t all = most / 2 - 60, with = 0;
    struct pair *p = calloc(all, sizeof *p);
    must(p);
    allow_from_outside(most);
    for (size_t i = 0; i < all; i++)
        p[i] = pair_open();
    for (size_t i = 0; i < all; i++) {
        char text[1024];
        must(write(p[i].client, REQUEST, WHOLE) == (ssize_t)WHOLE);
        ssize_t n = read(p[i].server, text, sizeof text - 1);
        must(n > 0);
        text[n] = '\0';
        must(strcmp(text, REQUEST) == 0 || strcmp(text, carried()) == 0);
        with += n != (ssize_t)WHOLE;
        pair_close(p[i]);
    }
    must(with >= 1000);
    must_carry(pair_open());
    free(p);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } modes[] = {
        { "high", high },   { "pretended", pretended }, { "outside", outside },
        { "steps", steps }, { "crowd", crowd },
    };
    must(argc == 3);
    most = (rlim_t)atol(argv[2]);
    pair_listen();
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(argv[1], modes[i].name) == 0) {
            /* Little at first, but with leave to have more. */
            allow(1000);
            modes[i].run();
            return 0;
        }
    return 2;
}
