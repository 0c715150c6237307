/* Whose baggage applies: scripts (here), simulated programs (whose_sim.c), and many threads at
 * once (whose_race.c).
 *
 * A script is an event a line. Threads, connections, outbound connections and requests have any
 * names; `reads` makes the requests that it names. `-> r1 live` behind an event says what must
 * apply then.
 *
 *   thread T waits nothing|one C|listening|many      thread T accepts|finds nobody
 *   thread T registers C                             thread T finds nothing on C
 *   thread T reads C [begins R ...]                  closes C
 *   thread T answers C                               thread T finishes C
 *   thread T connects X                              thread T writes X N|something
 *   thread T hears X N|something                     thread T makes U
 *   thread T forks U                                 thread T is [-> R CONFIDENCE]
 *   obscured | cleared                               whole R
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context/whose_outlets.h"
#include "tool.h"
#include "whose_sim.h"

enum { NAMES = 512, WORDS = 24 };

/* Names of each kind, in the order of their appearance. */
struct names {
    char *name[NAMES];
    unsigned count;
};

static struct names threads, inlets, outlets, requests;
static struct worker workers[NAMES];
static struct outlet_mark marks[NAMES];
static struct {
    whose_name queue[NAMES];
    const struct worker *reader[NAMES];
    unsigned front, back;
    bool closed;
} conns[NAMES];
static struct {
    unsigned conn;
    bool alive;
} lives[NAMES];

/* From WHOSE_NOBODY + 1 on. */
static unsigned index_of(struct names *n, const char *name)
{
    for (unsigned i = 2; i < n->count; i++)
        if (strcmp(n->name[i], name) == 0)
            return i;
    if (n->count < 2)
        n->count = 2;
    if (n->count == NAMES) {
        fprintf(stderr, "too many names\n");
        exit(2);
    }
    n->name[n->count] = strdup(name);
    return n->count++;
}

static bool script_alive(whose_name r)
{
    return lives[r].alive;
}

static whose_name script_inlet(whose_name r)
{
    return lives[r].conn;
}

static const void *script_reader(whose_name r)
{
    const unsigned c = (unsigned)lives[r].conn;
    for (unsigned i = conns[c].front; i < conns[c].back; i++)
        if (conns[c].queue[i] == r)
            return conns[c].reader[i];
    return NULL;
}

static bool script_open(whose_name inlet)
{
    return !conns[inlet].closed;
}

static whose_name front_of(unsigned c)
{
    return conns[c].front < conns[c].back ? conns[c].queue[conns[c].front] : 0;
}

static void end_front(unsigned c)
{
    whose_name r = front_of(c);
    if (!r)
        return;
    lives[r].alive = false;
    whose_ended(r);
    conns[c].front++;
}

static void run_reads(struct worker *w, unsigned c, char **word)
{
    bool more = *word;
    for (; *word; word++) {
        unsigned r = index_of(&requests, *word);
        lives[r].alive = true;
        lives[r].conn = c;
        conns[c].reader[conns[c].back] = w;
        conns[c].queue[conns[c].back++] = r;
        whose_begun(r);
    }
    whose_reads(w, c, front_of(c));
    if (more && conns[c].back - conns[c].front > 1)
        whose_reads_ahead(w);
}

static bool run_waits(struct worker *w, char **word)
{
    static const char *const holds[] = { "nothing", "one", "listening", "many" };
    for (unsigned i = 0; i < 4; i++)
        if (strcmp(word[0], holds[i]) == 0) {
            whose_waits(w, (enum wait_holds)i, i == WAIT_ONE ? index_of(&inlets, word[1]) : 0);
            return true;
        }
    return false;
}

static unsigned number(const char *word)
{
    return word && strcmp(word, "something") != 0 ? (unsigned)atoi(word) : WHOSE_UNCOUNTED;
}

/* What is done to connections. */
static bool run_inlet(struct worker *w, const char *verb, char **word)
{
    if (!word[0])
        return false;
    if (strcmp(verb, "finds") == 0) {
        bool nobody = strcmp(word[0], "nobody") == 0;
        if (!nobody && (strcmp(word[0], "nothing") != 0 || !word[1] || !word[2]))
            return false;
        whose_idles(w, nobody ? WHOSE_NOBODY : index_of(&inlets, word[2]));
        return true;
    }
    unsigned c = index_of(&inlets, word[0]);
    if (strcmp(verb, "reads") == 0)
        run_reads(w, c, word[1] ? word + 2 : word + 1);
    else if (strcmp(verb, "registers") == 0)
        whose_registers(w, c);
    else if (strcmp(verb, "answers") == 0)
        whose_answers(w, conns[c].reader[conns[c].front]);
    else if (strcmp(verb, "finishes") == 0) {
        end_front(c);
        whose_answered(w, c, front_of(c));
    } else
        return false;
    return true;
}

static void hears(struct worker *w, struct outlet_mark *m, unsigned outstanding)
{
    whose_hears(w, m, outstanding, atomic_load(&m->writes));
}

static bool run_thread(struct worker *w, const char *verb, char **word, struct whose *got)
{
    bool understood = true;
    if (strcmp(verb, "waits") == 0)
        understood = word[0] && run_waits(w, word);
    else if (strcmp(verb, "accepts") == 0)
        whose_accepts(w);
    else if (strcmp(verb, "connects") == 0)
        whose_connects(w, &marks[index_of(&outlets, word[0])]);
    else if (strcmp(verb, "writes") == 0) {
        *got = whose_writes(w, &marks[index_of(&outlets, word[0])], number(word[1]));
        return true;
    } else if (strcmp(verb, "hears") == 0)
        hears(w, &marks[index_of(&outlets, word[0])], number(word[1]));
    else if (strcmp(verb, "makes") == 0)
        whose_makes(w, &workers[index_of(&threads, word[0])]);
    else if (strcmp(verb, "forks") == 0)
        workers[index_of(&threads, word[0])] = *w;
    else if (strcmp(verb, "is") != 0 && !run_inlet(w, verb, word))
        return false;
    *got = whose_now(w);
    return understood;
}

static bool run_event(char **word, struct whose *got)
{
    if (strcmp(word[0], "thread") == 0 && word[1] && word[2])
        return run_thread(&workers[index_of(&threads, word[1])], word[2], word + 3, got);
    if (strcmp(word[0], "obscured") == 0)
        whose_obscured();
    else if (strcmp(word[0], "cleared") == 0)
        whose_cleared();
    else if (strcmp(word[0], "whole") == 0 && word[1])
        whose_whole(index_of(&requests, word[1]));
    else if (strcmp(word[0], "closes") == 0 && word[1]) {
        unsigned c = index_of(&inlets, word[1]);
        while (front_of(c))
            end_front(c);
        conns[c].closed = true;
    } else
        return false;
    return true;
}

static const char *name_of(whose_name request)
{
    return request ? requests.name[request] : "nobody";
}

/* Compares with what stands behind the arrow: `r1 live`, or `nobody`. */
static bool is_expected(char **word, struct whose got)
{
    if (strcmp(word[0], name_of(got.request)) != 0)
        return false;
    return !got.request || (word[1] && strcmp(word[1], confidence_name(got.confidence)) == 0);
}

static int run_line(unsigned line, char *text, unsigned *expected)
{
    char *word[WORDS + 3] = { 0 }, **arrow = NULL, *rest = text;
    unsigned n = 0;
    struct whose got = { 0 };
    for (char *w; n < WORDS && (w = strtok_r(rest, " \t\n", &rest)) && w[0] != '#'; n++) {
        if (strcmp(w, "->") == 0)
            arrow = &word[n + 1];
        word[n] = arrow == &word[n + 1] ? NULL : w;
    }
    if (n == 0)
        return 0;
    if (!run_event(word, &got)) {
        printf("line %u: not understood: %s\n", line, word[0]);
        return 1;
    }
    if (!arrow || !arrow[0])
        return arrow != NULL;
    ++*expected;
    if (is_expected(arrow, got))
        return 0;
    printf("line %u: %s %s, not %s %s\n", line, name_of(got.request),
           confidence_name(got.confidence), arrow[0], arrow[1] ? arrow[1] : "");
    return 1;
}

static int run_script(FILE *in)
{
    static const struct whose_world world = { script_alive, script_inlet, script_reader,
                                              script_open };
    char text[512];
    unsigned line = 0, expected = 0;
    int bad = 0;
    whose_start(&world);
    while (fgets(text, sizeof text, in))
        bad |= run_line(++line, text, &expected);
    if (expected == 0)
        printf("nothing was expected\n");
    return bad || expected == 0;
}

int tool_whose(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "script") == 0)
        return run_script(stdin);
    if (argc >= 2 && strcmp(argv[1], "simulate") == 0)
        return whose_simulate(argc - 1, argv + 1);
    if (argc >= 2 && strcmp(argv[1], "race") == 0)
        return whose_race();
    fprintf(stderr, "testtool whose script|simulate [CLASS [SEED]]|race\n");
    return 2;
}
