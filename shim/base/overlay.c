#include "base/overlay.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRIES 8

/* A fork child has other numbers, as it has another attachment. */
static _Thread_local struct {
    uint64_t attachment;
    uint32_t tid;
} self;

static uint32_t own_tid(const struct attachment *a)
{
    uint64_t number = atomic_load_explicit(&a->number, memory_order_relaxed);
    if (self.attachment != number) {
        self.tid = (uint32_t)syscall(SYS_gettid);
        self.attachment = number;
    }
    return self.tid;
}

/* A thread of a confined process that has not asked for its number before cannot any more, and has
 * what its process has. */
static bool may_know_tid(const struct attachment *a)
{
    return !atomic_load_explicit(&attachment_confined, memory_order_relaxed) ||
           self.attachment == atomic_load_explicit(&a->number, memory_order_relaxed);
}

/* The slot of this thread, or -1. */
static int thread_slot(const struct attachment *a, const struct orders_page *o)
{
    uint32_t used = atomic_load_explicit(&o->threads, memory_order_acquire);
    if (used == 0 || !may_know_tid(a))
        return -1;
    uint32_t tid = own_tid(a);
    for (uint32_t i = 0; i < used && i < PAGES_THREADS; i++)
        if (slot_tid(&o->thread[i]) == tid)
            return (int)i;
    return -1;
}

#define SLOT_READ(slot, text, out)                                                                 \
    slot_read(slot, (text)->word[0], sizeof(text)->word[0] / 8, out, sizeof(text)->word[0])

/* The strongest slot that says something has it all. */
static int64_t read_strongest(const struct attachment *a, const struct orders_page *o,
                              const struct fleet_page *f, char *out)
{
    int64_t len = SLOT_ABSENT;
    int thread = thread_slot(a, o);
    if (thread >= 0)
        len = SLOT_READ(&o->thread[thread], &o->thread_text[thread], out);
    if (len == SLOT_ABSENT)
        len = SLOT_READ(&o->process, &o->process_text, out);
    if (len == SLOT_ABSENT)
        len = SLOT_READ(&f->members, &f->members_text, out);
    return len == SLOT_ABSENT ? 0 : len;
}

int overlay_read(char *out, struct overlay *o)
{
    struct attachment *a = attachment_now();
    for (int i = 0; a && i < TRIES; i++) {
        const struct orders_page *orders = atomic_load(&a->orders);
        const struct fleet_page *fleet = atomic_load(&a->fleet);
        if (!orders || !fleet)
            break;
        uint64_t number = atomic_load(&a->number), before = atomic_load(&orders->generation);
        bool off = atomic_load(&orders->off) != 0;
        int64_t len = read_strongest(a, orders, fleet, out);
        if (len < 0 || atomic_load(&orders->generation) != before ||
            atomic_load(&a->number) != number)
            continue;
        *o = (struct overlay){ .generation = before, .len = (size_t)len, .off = off };
        count(COUNT_control_read);
        return 0;
    }
    count(COUNT_control_gave_up);
    return a && atomic_load(&a->orders) ? -EAGAIN : -ENOTCONN;
}

long overlay_settings(char *out, size_t max, uint64_t *generation)
{
    struct attachment *a = attachment_now();
    for (int i = 0; a && i < TRIES; i++) {
        const struct fleet_page *f = atomic_load(&a->fleet);
        if (!f)
            break;
        uint64_t before = atomic_load(&f->settings_generation);
        int64_t len = slot_read(&f->settings, f->settings_image.word[0], LIMIT_IMAGE / 8, out, max);
        if (len < 0 || atomic_load(&f->settings_generation) != before)
            continue;
        *generation = before;
        return len == SLOT_ABSENT ? 0 : (long)len;
    }
    return a && atomic_load(&a->fleet) ? -EAGAIN : -ENOTCONN;
}
