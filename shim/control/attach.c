#include "control/attach.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/hot.h"
#include "base/log.h"
#include "base/overlay.h"
#include "context/settings.h"
#include "control/handover.h"

HOT atomic_bool control_wanted;

static struct sockaddr_un agent_address;

/* Where pages are mapped, by turns, so that whoever looked a moment ago finds a page: they are
 * mapped over, never unmapped. A fork child goes on with this, as it has its parent's mappings. */
static struct {
    void *fleet, *orders, *told; /* NULL: nothing yet */
} place[2];
static atomic_uint_least64_t turns;

static int64_t now_ms(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1; /* never 0 */
}

/* Over what is at *at, or where there is room. */
static bool map_over(void **at, size_t size, int protection, int fd, size_t offset)
{
    void *made = mmap(*at, size, protection, MAP_SHARED | (*at ? MAP_FIXED : 0), fd, (off_t)offset);
    if (made == MAP_FAILED)
        return false;
    *at = made;
    return true;
}

static bool is_page(uint32_t magic, uint32_t version)
{
    return magic == PAGES_MAGIC && version == PAGES_VERSION;
}

/* What was counted so far goes on in the new page. */
static void go_on_counting(struct attachment *a, struct told_page *told)
{
    struct counters *counters = counters_now();
    struct attribution *attribution = atomic_load(&a->attribution);
    bool attributes = atomic_load(&counters->at[COUNT_attributions]); /* else it has no memory */
    atomic_store(&a->counters, &told->counters);
    counters_move(counters, &told->counters);
    atomic_store(&a->attribution, &told->attribution);
    if (attribution && attributes)
        attribution_move(attribution, &told->attribution);
}

/* A mapping that fails half-way leaves what is there mapped; it is not pointed to. */
static bool map_pages(struct attachment *a, const struct handed *h, int64_t now)
{
    uint64_t number = atomic_load(&turns) + 1; /* counts those that succeed */
    unsigned turn = number & 1;
    if (!map_over(&place[turn].fleet, PAGES_FLEET, PROT_READ, h->fleet, 0) ||
        !map_over(&place[turn].orders, PAGES_ORDERS, PROT_READ, h->process, 0) ||
        !map_over(&place[turn].told, PAGES_TOLD, PROT_READ | PROT_WRITE, h->process, PAGES_ORDERS))
        return false;
    const struct fleet_page *fleet = place[turn].fleet;
    const struct orders_page *orders = place[turn].orders;
    struct told_page *told = place[turn].told;
    if (!is_page(fleet->magic, fleet->version) || !is_page(orders->magic, orders->version) ||
        !is_page(told->magic, told->version))
        return false;
    atomic_store(&a->settings, &told->settings);
    atomic_store(&a->pid, (uint32_t)syscall(SYS_getpid));
    atomic_store(&a->skew, now - atomic_load(&fleet->beat));
    atomic_store(&turns, number);
    atomic_store(&a->number, number); /* before the table: its tickets are of this number */
    go_on_counting(a, told);
    atomic_store(&a->fleet, fleet);
    atomic_store(&a->orders, orders);
    settings_tell();
    return true;
}

static bool attach(struct attachment *a, int ms, int64_t now)
{
    struct handed h;
    bool done = false;
    if (handover_ask(&agent_address, ms, &h)) {
        done = map_pages(a, &h, now);
        handover_close(&h);
    }
    uint32_t failures = done ? 0 : atomic_load(&a->failures) + 1;
    uint32_t doubled = failures < 5 ? failures : 5;
    atomic_store(&a->failures, failures);
    atomic_store(&a->next_try, now_ms() + (CONTROL_RETRY_MS << (doubled ? doubled - 1 : 0)));
    count(done ? COUNT_control_attached : COUNT_control_failed);
    return done;
}

/* One of several threads, and no signal handler that interrupts it. Whoever left in the middle (a
 * handler that jumped) is not waited for for ever. */
static bool begin(struct attachment *a, int64_t now)
{
    int64_t since = atomic_load(&a->busy);
    if (since && now - since < 5000)
        return false;
    return atomic_compare_exchange_strong(&a->busy, &since, now);
}

static bool attach_once(struct attachment *a, int ms, int64_t now)
{
    int saved = errno;
    if (!begin(a, now))
        return false;
    bool done = attach(a, ms, now);
    atomic_store(&a->busy, 0);
    errno = saved;
    return done;
}

/* An agent's clock is not ours in another time namespace. */
static bool is_heard(const struct attachment *a, int64_t now)
{
    const struct fleet_page *fleet = atomic_load(&a->fleet);
    if (!fleet || !atomic_load(&a->orders))
        return false;
    int64_t beat = atomic_load_explicit(&fleet->beat, memory_order_relaxed);
    return beat && now - atomic_load(&a->skew) - beat < CONTROL_STALE_MS;
}

void control_confine(void)
{
    if (atomic_load(&attachment_confined))
        return;
    log_say(LOG_INFO, "the program confines itself: nothing is logged any more");
    if (atomic_exchange(&attachment_confined, true))
        return;
    if (atomic_exchange(&control_wanted, false))
        count(COUNT_control_confined);
}

void control_renew_now(void)
{
    struct attachment *a = attachment_now();
    int64_t now = now_ms();
    if (!a || is_heard(a, now) || now < atomic_load(&a->next_try))
        return;
    if (attach_once(a, CONTROL_RENEW_MS, now))
        log_say(LOG_INFO, "control: attached to an agent again");
}

bool control_attach(const char *path)
{
    struct attachment *a = attachment_make();
    size_t len = strlen(path);
    if (!a || *path != '/' || len >= sizeof agent_address.sun_path) {
        log_say(LOG_ERROR, a ? "control: the socket's path is relative or too long"
                             : "control: this kernel has no pages that a child finds empty");
        return false;
    }
    agent_address.sun_family = AF_UNIX;
    memcpy(agent_address.sun_path, path, len + 1);
    atomic_store(&control_wanted, !atomic_load(&attachment_confined));
    bool done = attach_once(a, CONTROL_START_MS, now_ms());
    log_say(LOG_INFO, done ? "control: attached" : "control: no agent yet");
    return done;
}
