/* What was set, and writing it into the pages. */
#include "cli/agent_book.h"

#include <bellhop/control.h>
#include <stdlib.h>

#include "cli/agent_fleet.h"
#include "cli/agent_journal.h"
#include "cli/agent_pages.h"
#include "cli/agent_text.h"
#include "cli/cli.h"
#include "cli/proc.h"

static struct {
    char *members;
    bool off;
    char *settings;
    size_t settings_len;
} fleet;

const char *book_fleet(void)
{
    return fleet.members;
}

bool book_fleet_off(void)
{
    return fleet.off;
}

void book_set_fleet(char *members)
{
    free(fleet.members);
    fleet.members = members;
    fleet_members(span_of(members));
    journal_fleet();
}

void book_set_fleet_off(bool off)
{
    fleet.off = off;
    journal_fleet();
}

void book_set(struct process *p, struct thread *t, char *members)
{
    char **at = t ? &t->members : &p->members;
    free(*at);
    *at = members;
    if (t)
        journal_thread(p, t);
    else
        journal_process(p);
    if (t && !members)
        t->tid = 0;
}

void book_set_off(struct process *p, bool off)
{
    if (p->off == off)
        return;
    p->off = off;
    journal_process(p);
}

struct thread *book_thread(struct process *p, pid_t tid, bool make, int *error)
{
    struct proc_stat stat;
    struct thread *free_one = NULL;
    *error = BELLHOP_ERROR_NO_THREAD;
    if (!proc_stat(p->pid, tid, &stat))
        return NULL;
    for (unsigned i = 0; i < PAGES_THREADS; i++) {
        struct thread *t = &p->thread[i];
        if (t->tid == tid && t->start == stat.start)
            return t;
        if (t->tid == 0 && !free_one)
            free_one = t;
    }
    *error = make ? BELLHOP_ERROR_LIMIT : 0;
    if (!make || !free_one)
        return NULL;
    *free_one = (struct thread){ .tid = tid, .start = stat.start };
    if (p->threads < (unsigned)(free_one - p->thread) + 1)
        p->threads = (unsigned)(free_one - p->thread) + 1;
    return free_one;
}

/* A process that has nothing of its own has what the fleet has, from the fleet's page. */
static char *publish_process(struct process *p, bool *failed)
{
    struct orders_page *o = p->orders;
    char *merged = NULL;
    if (p->members)
        merged = text_merge(span_of(p->members), span_of(fleet.members), true, failed);
    SLOT_WRITE(&o->process, &o->process_text, span_of(merged), 0);
    return merged;
}

static void publish_thread(struct process *p, unsigned i, const char *weaker, bool *failed)
{
    struct orders_page *o = p->orders;
    const struct thread *t = &p->thread[i];
    char *merged = NULL;
    if (t->members)
        merged = text_merge(span_of(t->members), span_of(weaker), true, failed);
    if (merged || slot_tid(&o->thread[i]) != 0)
        SLOT_WRITE(&o->thread[i], &o->thread_text[i], span_of(merged),
                   merged ? (uint32_t)t->tid : 0);
    free(merged);
}

void book_publish(struct process *p)
{
    bool failed = false;
    if (!p->orders)
        return;
    char *merged = publish_process(p, &failed);
    for (unsigned i = 0; i < p->threads; i++)
        publish_thread(p, i, merged ? merged : fleet.members, &failed);
    free(merged);
    atomic_store(&p->orders->threads, p->threads);
    atomic_store(&p->orders->off, p->off || fleet.off);
    atomic_store(&p->orders->generation, pages_generation());
    if (failed)
        say("out of memory: process %d does not have all that was set", p->pid);
}

static bool publish(struct process *p, void *unused)
{
    (void)unused;
    book_publish(p);
    return true;
}

void book_publish_all(void)
{
    book_each(publish, NULL);
}

bool book_set_settings(const char *name, struct span text)
{
    char *copy = text.len <= LIMIT_CONTROL_SETTINGS ? malloc(text.len + 1) : NULL;
    if (!copy || !fleet_settings(name, text)) {
        free(copy);
        return false;
    }
    memcpy(copy, text.at, text.len);
    free(fleet.settings);
    fleet.settings = copy;
    fleet.settings_len = text.len;
    return true;
}

struct span book_settings(void)
{
    return span_make(fleet.settings, fleet.settings_len);
}

static bool forget_ended(struct process *p, void *unused)
{
    bool changed = false;
    struct proc_stat stat;
    (void)unused;
    for (unsigned i = 0; i < p->threads; i++) {
        struct thread *t = &p->thread[i];
        if (!t->tid || (proc_stat(p->pid, t->tid, &stat) && stat.start == t->start))
            continue;
        book_set(p, t, NULL);
        changed = true;
    }
    if (changed)
        book_publish(p);
    book_tidy_pages(p, loop_now());
    return true;
}

void book_tidy(void)
{
    book_each(forget_ended, NULL);
}
