/* Sends every stream of a corpus over real sockets, cut in many ways, and holds what arrives
 * against what must: adversary CORPUS tcp|unix MODE SENDS SEED. It makes at least SENDS sending
 * calls.
 *
 * MODE  pairs     two calls, cut at every byte
 *       bytes     a call a byte
 *       random    pieces at random, bodies by sendfile and splice too
 *       many      the same over fifty connections that take turns
 *       halves    streams that end at every byte
 *       blocking  blocking sockets, and a thread that reads slowly */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "adversary-ways.h"
#include <unistd.h>

#define TURNS 50

enum mode { PAIRS, BYTES, RANDOM, MANY, HALVES, BLOCKING, MODES };
static const char *const mode_names[] = {
    "pairs", "bytes", "random", "many", "halves", "blocking"
};

struct run {
    const struct strand *of;
    enum mode mode;
    size_t cut;   /* PAIRS */
    size_t until; /* of the stream's bytes */
    size_t sent, stop, answered;
    unsigned way; /* WAYS: any */
    uint64_t random, seed;
    int fd, copy, peer;
    char *got;
    size_t got_len, room;
};

static struct {
    struct sockaddr_storage at;
    socklen_t len;
    int fd;
} listener[2]; /* the second one with the least buffer */
static int family, file, pipe_ends[2];
static unsigned long long sends, streams_seen;

__attribute__((noreturn)) static void fail(const struct run *r, const char *why)
{
    printf("%s: %s (errno %d)\n%s way %s cut %zu seed %llu sent %zu of %zu, arrived %zu\n",
           r->of->name, why, errno, mode_names[r->mode], r->way < WAYS ? way_names[r->way] : "any",
           r->cut, (unsigned long long)r->seed, r->sent, r->until, r->got_len);
    printf("--- arrived\n%.*s\n", (int)(r->got_len > 3000 ? 3000 : r->got_len), r->got);
    exit(1);
}

static void listen_at(int i)
{
    int least = 1;
    struct sockaddr_in *in = (struct sockaddr_in *)&listener[i].at;
    struct sockaddr_un *un = (struct sockaddr_un *)&listener[i].at;
    listener[i].fd = socket(family, SOCK_STREAM, 0);
    listener[i].at.ss_family = (sa_family_t)family;
    listener[i].len = family == AF_INET ? sizeof *in : sizeof *un;
    in->sin_addr.s_addr = family == AF_INET ? htonl(INADDR_LOOPBACK) : 0;
    if (family == AF_UNIX) /* in the abstract name space */
        snprintf(un->sun_path + 1, sizeof un->sun_path - 1, "adversary-%d-%d", getpid(), i);
    if (i)
        setsockopt(listener[i].fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
    if (bind(listener[i].fd, (struct sockaddr *)&listener[i].at, listener[i].len) != 0 ||
        listen(listener[i].fd, 128) != 0)
        corpus_die("cannot listen");
    getsockname(listener[i].fd, (struct sockaddr *)&listener[i].at, &listener[i].len);
}

static void open_run(struct run *r)
{
    /* TCP is slow with so little room, as it waits for timers. */
    int tiny =
            random_below(&r->random, family == AF_INET ? (r->mode >= RANDOM ? 60 : 1000) : 2) == 0,
        least = 1;
    int flags = r->mode == BLOCKING ? 0 : SOCK_NONBLOCK;
    r->fd = socket(family, SOCK_STREAM | flags, 0);
    if (tiny)
        setsockopt(r->fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
    if (family == AF_INET && random_below(&r->random, 100)) /* else small pieces wait for answers */
        setsockopt(r->fd, IPPROTO_TCP, TCP_NODELAY, &least, sizeof least);
    int result = connect(r->fd, (struct sockaddr *)&listener[tiny].at, listener[tiny].len);
    if (result != 0 && errno != EINPROGRESS)
        fail(r, "connect");
    /* Unseen: that this process also serves is of no concern here. */
    r->peer = (int)syscall(SYS_accept4, listener[tiny].fd, NULL, NULL, 0);
    r->copy = random_below(&r->random, 2) ? dup(r->fd) : fcntl(r->fd, F_DUPFD_CLOEXEC, 100);
    if (r->peer < 0 || r->copy < 0)
        fail(r, "no connection");
    r->room = strand_wire_len(r->of, r->until) + 4096;
    r->got = corpus_alloc(r->room, 1);
    streams_seen++;
}

/* Takes what arrived, at most `max` bytes. False: the stream has ended. */
static bool drain(struct run *r, size_t max, int flags)
{
    if (max > r->room - r->got_len)
        max = r->room - r->got_len;
    if (max == 0)
        fail(r, "far too much arrived");
    ssize_t n = recv(r->peer, r->got + r->got_len, max, flags);
    if (n < 0 && errno != EAGAIN)
        fail(r, "recv");
    r->got_len += n > 0 ? (size_t)n : 0;
    return n != 0;
}

static void await(struct run *r, int fd, short events)
{
    struct pollfd p = { .fd = fd, .events = events };
    if (poll(&p, 1, 20000) != 1)
        fail(r, "waited in vain");
}

/* The server answers when it has all that was sent before; the client reads it, in pieces. */
static void answer(struct run *r)
{
    const struct place *a = &r->of->answer[r->answered++];
    size_t len = strand_wire_len(r->of, r->sent), left = a->len;
    char data[4096];
    while (r->got_len < len) {
        await(r, r->peer, POLLIN);
        drain(r, len - r->got_len, 0);
    }
    if (syscall(SYS_write, r->peer, a->text, a->len) != (long)a->len)
        fail(r, "the answer does not fit");
    while (left) {
        size_t want = 1 + random_below(&r->random, left);
        await(r, r->fd, POLLIN);
        ssize_t n =
            random_below(&r->random, 2) ? read(r->fd, data, want) : recv(r->copy, data, want, 0);
        if (n <= 0)
            fail(r, "the answer does not come");
        left -= (size_t)n;
    }
}

static size_t next_stop(struct run *r)
{
    size_t stop = r->until;
    if (r->mode == PAIRS && r->sent < r->cut)
        stop = r->cut;
    else if (r->mode == BYTES)
        stop = r->sent + 1;
    else if (r->mode != PAIRS && r->mode != HALVES)
        stop = r->sent + 1 + random_below(&r->random, random_below(&r->random, 3) ? 24 : r->until);
    if (r->answered < r->of->answers && r->of->answer[r->answered].at > r->sent &&
        r->of->answer[r->answered].at < stop)
        stop = r->of->answer[r->answered].at;
    return stop < r->until ? stop : r->until;
}

static bool in_body(const struct run *r)
{
    for (size_t i = 0; i < r->of->bodies; i++)
        if (r->sent >= r->of->body[i].at && r->stop <= r->of->body[i].at + r->of->body[i].len)
            return true;
    return false;
}

static ssize_t send_some(struct run *r)
{
    const char *data = r->of->data + r->sent;
    size_t len = r->stop - r->sent;
    int fd = random_below(&r->random, 2) ? r->fd : r->copy;
    if (r->way == WAYS && in_body(r) && random_below(&r->random, 2))
        return random_below(&r->random, 2) ? way_sendfile(fd, file, r->of->file_at + r->sent, len)
                                           : way_splice(fd, data, len, pipe_ends);
    unsigned way = r->way < WAYS ? r->way : (unsigned)random_below(&r->random, WAYS);
    return ways[way](fd, data, len, &r->random);
}

/* One call. False: the stream is out. */
static bool step(struct run *r)
{
    if (r->answered < r->of->answers && r->of->answer[r->answered].at == r->sent)
        answer(r);
    if (r->sent == r->until)
        return false;
    if (r->sent == r->stop)
        r->stop = next_stop(r);
    errno = EDOM;
    ssize_t n = send_some(r);
    sends++;
    if (n == 0 || n > (ssize_t)(r->stop - r->sent))
        fail(r, "a wrong number of bytes");
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        fail(r, "a wrong error");
    if (n > 0 && errno != EDOM)
        fail(r, "errno is touched by success");
    r->sent += n > 0 ? (size_t)n : 0;
    if (r->mode != BLOCKING && (n < 0 || random_below(&r->random, 2)))
        drain(r, 1 + random_below(&r->random, n < 0 ? 5000 : 100), MSG_DONTWAIT);
    return true;
}

static void judge(struct run *r)
{
    size_t len = strand_wire_len(r->of, r->until);
    char *must = strand_wire(r->of, r->until);
    if (len != r->got_len || memcmp(must, r->got, len) != 0) {
        printf("--- must\n%.*s\n", (int)(len > 3000 ? 3000 : len), must);
        fail(r, "not what must arrive");
    }
    free(must);
    free(r->got);
    r->got = NULL;
}

static void close_run(struct run *r)
{
    struct linger now = { .l_onoff = 1 }; /* no TIME_WAIT, of which there would be too many */
    shutdown(r->fd, SHUT_WR);
    do
        await(r, r->peer, POLLIN);
    while (drain(r, 65536, 0));
    setsockopt(r->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(r->copy);
    close(r->fd);
    close(r->peer);
    judge(r);
}

static void *read_slowly(void *arg)
{
    struct run *r = arg;
    uint64_t random = r->seed;
    do
        await(r, r->peer, POLLIN);
    while (drain(r, 1 + random_below(&random, 700), 0));
    return NULL;
}

static void blocking(struct run *r)
{
    pthread_t reader;
    open_run(r);
    if (pthread_create(&reader, NULL, read_slowly, r) != 0)
        fail(r, "no thread");
    while (step(r))
        ;
    shutdown(r->fd, SHUT_WR);
    pthread_join(reader, NULL);
    close(r->copy);
    close(r->fd);
    close(r->peer);
    judge(r);
}

static struct run make(const struct strand *s, enum mode mode, size_t cut, uint64_t seed)
{
    struct run r = { .of = s, .mode = mode, .cut = cut, .until = s->len, .seed = seed };
    r.random = seed;
    r.way = mode == RANDOM || mode == MANY || mode == BLOCKING ? WAYS : (unsigned)(seed % WAYS);
    if (mode == HALVES)
        r.until = cut;
    return r;
}

static void alone(struct run r)
{
    if (r.mode == BLOCKING) {
        if (!r.of->answers)
            blocking(&r);
        return;
    }
    open_run(&r);
    while (step(&r))
        ;
    close_run(&r);
}

static void taking_turns(const struct corpus *c, uint64_t seed)
{
    struct run r[TURNS];
    bool goes_on[TURNS], any = true;
    for (size_t i = 0; i < TURNS; i++) {
        r[i] = make(&c->strand[random_below(&seed, c->count)], MANY, 0, seed + i);
        open_run(&r[i]);
        goes_on[i] = true;
    }
    while (any) {
        any = false;
        for (size_t i = 0; i < TURNS; i++)
            if (goes_on[i] && (any = true) && !step(&r[i])) {
                goes_on[i] = false;
                close_run(&r[i]);
            }
    }
}

static void round_of(const struct corpus *c, enum mode mode, uint64_t seed,
                     unsigned long long enough)
{
    if (mode == MANY) {
        taking_turns(c, seed);
        return;
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct strand *s = &c->strand[i];
        size_t step_by = s->len / 400 + 1;
        bool every = mode == PAIRS || mode == HALVES;
        for (size_t cut = every ? 1 : s->len; cut <= s->len && sends < enough; cut += step_by)
            alone(make(s, mode, cut, seed + cut + i));
    }
}

int main(int argc, char **argv)
{
    if (argc != 6)
        corpus_die("usage: adversary CORPUS tcp|unix MODE SENDS SEED");
    const struct corpus c = corpus_read(argv[1]);
    const unsigned long long enough = strtoull(argv[4], NULL, 10);
    uint64_t seed = strtoull(argv[5], NULL, 10);
    enum mode mode = PAIRS;
    while (mode < MODES && strcmp(mode_names[mode], argv[3]) != 0)
        mode++;
    family = strcmp(argv[2], "tcp") == 0 ? AF_INET : AF_UNIX;
    file = open(argv[1], O_RDONLY);
    if (mode == MODES || file < 0 || pipe(pipe_ends) != 0)
        corpus_die("no such mode, or no file");
    listen_at(0);
    listen_at(1);
    for (; sends < enough; seed += 1000)
        round_of(&c, mode, seed, enough);
    printf("%llu streams, %llu sends\n", streams_seen, sends);
    return 0;
}
