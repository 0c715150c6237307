/* Pages under a writer that never rests: what is read is one whole text, none older than what was
 * finished before the reading began, and whole even if the writer dies half-way. */
#include "base/overlay.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

struct shared {
    struct fleet_page fleet;
    struct orders_page orders;
    _Atomic(uint64_t) finished; /* the last change that is complete */
    atomic_bool stop;
};

static struct shared *pages;
static _Atomic(unsigned long) reads, gave_up, torn;

/* Text number n: its length and every byte come from n. */
static size_t text_of(uint64_t n, char *out)
{
    size_t len = 24 + n * 2654435761u % (LIMIT_LIST - 24);
    int head = sprintf(out, "n=%020llu,", (unsigned long long)n);
    for (size_t i = (size_t)head; i < len; i++)
        out[i] = (char)('a' + (n + i) % 26);
    return len;
}

static bool is_whole(const char *text, size_t len, uint64_t *n)
{
    static _Thread_local char expected[LIMIT_LIST];
    if (len < 24 || memcmp(text, "n=", 2) != 0)
        return false;
    *n = strtoull(text + 2, NULL, 10);
    return text_of(*n, expected) == len && memcmp(text, expected, len) == 0;
}

static void write_slot(struct slot *s, struct slot_text *t, struct span text, uint32_t tid)
{
    slot_write(s, t->word[0], sizeof t->word[0] / 8, text, tid);
}

/* One change, through one of the places that can hold it. */
static void change(uint64_t n, uint32_t tid)
{
    char text[LIMIT_LIST];
    struct span whole = span_make(text, text_of(n, text)), absent = { 0 };
    struct orders_page *o = &pages->orders;
    write_slot(&pages->fleet.members, &pages->fleet.members_text, whole, 0);
    write_slot(&o->process, &o->process_text, n % 3 ? whole : absent, 0);
    atomic_store(&o->threads, 3);
    write_slot(&o->thread[2], &o->thread_text[2], n % 7 < 3 ? whole : absent, tid);
    atomic_fetch_add(&o->generation, 1);
    atomic_store(&pages->finished, n);
}

static void read_once(bool alone)
{
    static _Thread_local char text[LIMIT_LIST];
    uint64_t n = 0, finished = atomic_load(&pages->finished);
    struct overlay o;
    int result = overlay_read(text, &o);
    atomic_fetch_add(&reads, 1);
    if (result != 0) {
        atomic_fetch_add(&gave_up, 1);
        if (alone)
            atomic_fetch_add(&torn, 1);
    } else if (!is_whole(text, o.len, &n) || n < finished) {
        atomic_fetch_add(&torn, 1);
    }
}

static void *reader(void *unused)
{
    while (!atomic_load(&pages->stop))
        read_once(false);
    return unused;
}

static bool pages_make(void)
{
    struct attachment *a = attachment_make();
    pages = mmap(NULL, sizeof *pages, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!a || pages == MAP_FAILED)
        return false;
    change(1, 0);
    atomic_store(&a->number, 1);
    atomic_store(&a->fleet, &pages->fleet);
    atomic_store(&a->orders, &pages->orders);
    return true;
}

static int report(void)
{
    printf("%lu reads, %lu gave up, %lu torn\n", atomic_load(&reads), atomic_load(&gave_up),
           atomic_load(&torn));
    return atomic_load(&torn) ? 1 : 0;
}

int tool_overlay_litmus(int readers, long changes)
{
    pthread_t thread[16];
    uint32_t tid = (uint32_t)syscall(SYS_gettid);
    if (readers < 1 || readers > 15 || !pages_make())
        return 2;
    for (int i = 0; i < readers; i++)
        if (pthread_create(&thread[i], NULL, reader, NULL) != 0)
            return 2;
    for (long n = 2; n < changes + 2; n++) {
        change((uint64_t)n, tid);
        read_once(true); /* by the thread that has a slot */
    }
    atomic_store(&pages->stop, true);
    for (int i = 0; i < readers; i++)
        pthread_join(thread[i], NULL);
    return report();
}

/* Each writer is killed at some instant; the next one goes on with what it finds. */
int tool_overlay_killed(int times)
{
    uint64_t n = 1;
    if (!pages_make())
        return 2;
    for (int i = 0; i < times; i++) {
        pid_t child = fork();
        if (child < 0)
            return 2;
        if (child == 0)
            for (uint64_t next = n + 1;; next++)
                change(next, 1);
        usleep((useconds_t)(i * 37 % 900));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        read_once(true);
        n = atomic_load(&pages->finished) + 8;
    }
    return report();
}
