/* The rules under many threads at once, for what a race detector sees: threads of their own, marks
 * that all share, requests that end while others use them. */
#include <pthread.h>

#include "whose_sim.h"

enum { THREADS = 4, MARKS = 3, SLOTS = 16, ROUNDS = 40, STEPS = 5000 };

/* A request's name is its slot, and how often that was used. */
static _Atomic(whose_name) slots[SLOTS];
static struct outlet_mark marks[MARKS];
static atomic_uint odd; /* answers that cannot be */

static bool race_alive(whose_name r)
{
    return atomic_load(&slots[r % SLOTS]) == r;
}

static whose_name race_inlet(whose_name r)
{
    return 2 + r % SLOTS;
}

static const void *race_reader(whose_name r)
{
    (void)r;
    return NULL;
}

static bool race_open(whose_name inlet)
{
    return inlet % 5 != 0;
}

static unsigned draw(uint64_t *state, unsigned n)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((*state >> 33) % n);
}

/* A slot belongs to one thread: it begins and ends its requests. */
static void turn_over(uint64_t *chance, unsigned slot, struct worker *w, whose_name *used)
{
    whose_name now = atomic_load(&slots[slot]);
    if (now) {
        atomic_store(&slots[slot], 0);
        whose_ended(now);
        whose_answered(w, 2 + slot, 0);
    } else {
        now = (*used += SLOTS) + slot;
        atomic_store(&slots[slot], now);
        whose_begun(now);
        whose_reads(w, 2 + slot, now);
    }
    if (draw(chance, 50) == 0) {
        whose_obscured();
        whose_cleared();
    }
}

/* A request has a confidence, and nobody has none. */
static void look(struct whose got)
{
    if (!got.request != (got.confidence == CONFIDENCE_NONE) || got.confidence > CONFIDENCE_LIVE)
        atomic_fetch_add(&odd, 1);
}

static void act(uint64_t *chance, struct worker *w, struct worker *child)
{
    struct outlet_mark *m = &marks[draw(chance, MARKS)];
    whose_name inlet = 2 + draw(chance, SLOTS);
    unsigned outstanding = draw(chance, 4) ? draw(chance, 3) : WHOSE_UNCOUNTED;
    switch (draw(chance, 12)) {
    case 0:
        whose_connects(w, m);
        break;
    case 1:
    case 2:
        look(whose_writes(w, m, outstanding));
        break;
    case 3:
    case 4:
        whose_hears(w, m, outstanding, atomic_load(&m->writes));
        break;
    case 5:
        whose_waits(w, (enum wait_holds)draw(chance, 4), inlet);
        break;
    case 6:
        whose_accepts(w);
        break;
    case 7:
        whose_registers(w, inlet);
        break;
    case 8:
        whose_idles(w, draw(chance, 2) ? inlet : WHOSE_NOBODY);
        break;
    case 9:
        whose_makes(w, child);
        look(whose_now(child));
        break;
    case 10:
        whose_answers(w, draw(chance, 100) ? w : child);
        whose_reads_ahead(w);
        break;
    default:
        look(whose_now(w));
    }
}

static void *race(void *number)
{
    unsigned id = (unsigned)(uintptr_t)number;
    uint64_t chance = id * 977 + 1;
    whose_name used = 2 * SLOTS;
    struct worker w = { 0 }, child = { 0 };
    for (unsigned n = 0; n < STEPS; n++) {
        if (draw(&chance, 3) == 0)
            turn_over(&chance, id * (SLOTS / THREADS) + draw(&chance, SLOTS / THREADS), &w, &used);
        else
            act(&chance, &w, &child);
    }
    return NULL;
}

/* With all threads gone: the count of the living came out even. */
static void check_count(void)
{
    struct worker w = { 0 };
    whose_name last = 7 * SLOTS;
    for (unsigned i = 0; i < SLOTS; i++) {
        whose_name r = atomic_exchange(&slots[i], 0);
        if (r)
            whose_ended(r);
    }
    if (whose_now(&w).request)
        atomic_fetch_add(&odd, 1);
    atomic_store(&slots[0], last);
    whose_begun(last);
    if (whose_now(&w).request != last)
        atomic_fetch_add(&odd, 1);
    atomic_store(&slots[0], 0);
}

/* Each round begins anew, before it was seen that threads share. */
static bool race_round(void)
{
    pthread_t threads[THREADS];
    whose_forget();
    for (uintptr_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, race, (void *)i) != 0)
            return false;
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    check_count();
    return true;
}

int whose_race(void)
{
    static const struct whose_world world = { race_alive, race_inlet, race_reader, race_open };
    whose_start(&world);
    for (unsigned n = 0; n < ROUNDS; n++)
        if (!race_round())
            return 1;
    printf("%u odd answers\n", atomic_load(&odd));
    return atomic_load(&odd) != 0;
}
