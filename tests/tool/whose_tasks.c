/* Coroutines, and chance. */
#include <string.h>
#include <ucontext.h>

#include "whose_sim.h"

enum { TASKS = 48, WORKERS = 64, STACK = 32768 };

static struct task {
    ucontext_t context;
    task_run *run;
    void *arg;
    task_ready *ready; /* NULL: it can go on */
    void *ready_arg;
    struct worker *on; /* NULL: a fiber without a worker */
    bool used, fiber;
} tasks[TASKS];
static char stacks[TASKS][STACK] __attribute__((aligned(64)));
static struct worker workers[WORKERS];
static unsigned worker_count;
static struct worker *idle_carriers[WORKERS];
static unsigned idle_count;
static ucontext_t scheduler;
static struct task *running;
static uint64_t state;

void chance_seed(uint64_t seed)
{
    state = seed * 0x9E3779B97F4A7C15u + 0x2545F4914F6CDD1Du;
    for (int i = 0; i < 4; i++)
        chance_bits();
}

uint64_t chance_bits(void)
{
    uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

unsigned below(unsigned n)
{
    return n ? (unsigned)((chance_bits() >> 32) * n >> 32) : 0;
}

bool once_in(unsigned n)
{
    return below(n) == 0;
}

void tasks_clear(void)
{
    for (unsigned i = 0; i < TASKS; i++)
        tasks[i].used = false;
    worker_count = idle_count = 0;
}

void tasks_end_others(void)
{
    for (unsigned i = 0; i < TASKS; i++)
        tasks[i].used = &tasks[i] == running;
}

struct worker *worker_new(void)
{
    /* Workers of threads that ended are used again, as thread-local storage is: those that no task
     * stands on. */
    for (unsigned i = 0; i < worker_count + 1 && i < WORKERS; i++) {
        bool taken = false;
        for (unsigned t = 0; t < TASKS && i < worker_count; t++)
            taken |= tasks[t].used && tasks[t].on == &workers[i];
        for (unsigned t = 0; t < idle_count && i < worker_count; t++)
            taken |= idle_carriers[t] == &workers[i];
        if (taken)
            continue;
        worker_count += i == worker_count;
        memset(&workers[i], 0, sizeof workers[i]);
        return &workers[i];
    }
    return &workers[WORKERS - 1];
}

unsigned worker_number(const struct worker *w)
{
    return (unsigned)(w - workers) + 1;
}

void carriers_add(struct worker *w)
{
    idle_carriers[idle_count++] = w;
}

static void leave_worker(struct task *t)
{
    if (t->on)
        idle_carriers[idle_count++] = t->on;
    t->on = NULL;
}

static void begin(void)
{
    running->run(running->arg);
    if (running->fiber)
        leave_worker(running);
    running->used = false;
    setcontext(&scheduler);
}

bool spawn(task_run *run, void *arg, struct worker *on)
{
    struct task *t = tasks;
    while (t < tasks + TASKS && t->used)
        t++;
    if (t == tasks + TASKS)
        return false;
    getcontext(&t->context);
    t->context.uc_stack.ss_sp = stacks[t - tasks];
    t->context.uc_stack.ss_size = STACK;
    t->context.uc_link = NULL;
    makecontext(&t->context, begin, 0);
    t->run = run;
    t->arg = arg;
    t->ready = NULL;
    t->on = on;
    t->fiber = !on;
    t->used = true;
    return true;
}

struct worker *me(void)
{
    return running->on;
}

static void to_scheduler(task_ready *ready, void *arg)
{
    running->ready = ready;
    running->ready_arg = arg;
    swapcontext(&running->context, &scheduler);
}

void let_others(void)
{
    if (once_in(3))
        to_scheduler(NULL, NULL);
}

void until(task_ready *ready, void *arg)
{
    if (!ready(arg) || once_in(3))
        to_scheduler(ready, arg);
}

void park(task_ready *ready, void *arg)
{
    leave_worker(running);
    to_scheduler(ready, arg);
}

static bool can_go_on(struct task *t)
{
    if (!t->used || (!t->on && !idle_count))
        return false;
    return !t->ready || t->ready(t->ready_arg);
}

bool tasks_step(void)
{
    unsigned first = below(TASKS);
    for (unsigned i = 0; i < TASKS; i++) {
        struct task *t = &tasks[(first + i) % TASKS];
        if (!can_go_on(t))
            continue;
        if (!t->on) {
            unsigned at = below(idle_count);
            t->on = idle_carriers[at];
            idle_carriers[at] = idle_carriers[--idle_count];
        }
        running = t;
        swapcontext(&scheduler, &t->context);
        return true;
    }
    return false;
}
