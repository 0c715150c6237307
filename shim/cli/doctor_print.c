/* The report for people. */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAMES = 5, FOUND_NAMES = 3 };

/* Names come from files: they must not steer the terminal. */
__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        return;
    for (char *c = text; *c; c++)
        if (((unsigned char)*c < 0x20 && *c != '\n') || *c == 0x7f)
            *c = '?';
    fputs(text, stdout);
    free(text);
}

static void row(const char *title, const char *text)
{
    put("%-13s%s\n", title, text ? text : "");
}

/* --- the file ------------------------------------------------------------------------------ */

static const char *linkage(const struct object *o)
{
    if (o->has_loader)
        return "dynamically linked";
    return o->has_dynamic ? "static, position-independent" : "static";
}

static void print_kind(const struct object *o)
{
    if (o->state == OBJECT_READ || o->state == OBJECT_DAMAGED)
        put("%-13s%u-bit %s, %s%s%s%s%s%s\n", "kind", o->bits, machine_name(o->machine), linkage(o),
            o->loader ? ", " : "", o->loader ? object_libc(o) : "", o->loader ? ", loader " : "",
            o->loader ? o->loader : "", o->state == OBJECT_DAMAGED ? ", damaged" : "");
    else
        row("kind", object_state_word(o->state));
}

static void print_rights(const struct rights *r)
{
    if (!*r->setuid && !*r->setgid && !*r->capabilities)
        return;
    put("%-13s%s%s%s%s%s%s%s\n", "rights", *r->setuid ? "setuid " : "", r->setuid,
        *r->setuid && *r->setgid ? ", " : "", *r->setgid ? "setgid " : "", r->setgid,
        *r->capabilities ? " capabilities " : "", r->capabilities);
}

static void print_libraries(const struct objects *s)
{
    struct lines missing = { 0 };
    size_t loaded = 0;
    for (size_t i = 1; i < s->count; i++) {
        loaded += s->at[i]->at_run_time;
        if (s->at[i]->state == OBJECT_MISSING)
            lines_add(&missing, "%s", object_name(s->at[i]));
    }
    char *names = lines_join(&missing, NAMES);
    if (s->count > 1)
        put("%-13s%zu needed, %zu loaded at run time; %s%s\n", "libraries", s->count - 1 - loaded,
            loaded, missing.count ? "not found: " : "all found", names ? names : "");
    free(names);
    lines_free(&missing);
}

static void print_process(const struct process *p)
{
    static const char *const seccomp[] = { "no seccomp", "seccomp strict", "seccomp filters" };
    put("%-13s%d of user %u, bellhop %s%s%s%s\n", "process", (int)p->pid, p->uid,
        p->preloaded == YES  ? "is loaded"
        : p->preloaded == NO ? "is not loaded"
                             : "may be loaded or not",
        p->disabled == YES ? " and disabled" : "", p->seccomp >= 0 && p->seccomp < 3 ? ", " : "",
        p->seccomp >= 0 && p->seccomp < 3 ? seccomp[p->seccomp] : "");
    put("%-13s%s, effective capabilities %llx%s\n", "",
        p->no_new_privs ? "no new privileges" : "may gain privileges", p->capabilities,
        p->secure == YES ? ", started with more rights than its caller" : "");
}

/* --- what it calls ------------------------------------------------------------------------- */

static void print_found(const struct objects *s)
{
    const char *title = "found";
    for (size_t i = 0; i < marks_count(); i++) {
        struct lines in = { 0 };
        enum evidence e = mark_evidence(s, i, &in);
        char *names = lines_join(&in, FOUND_NAMES);
        if (e) {
            put("%-13s%s: %s, in %s\n", title, mark_at(i)->title, evidence_word(e),
                names ? names : "");
            title = "";
        }
        free(names);
        lines_free(&in);
    }
}

static bool is_imported(const struct objects *s, int hook)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->at[i]->imports[hook] && !object_is_base(s->at[i]))
            return true;
    return false;
}

/* The hooks of a family that are called, by name; returns how many there are. */
static size_t family_hooks(const struct objects *s, size_t family, struct lines *called)
{
    size_t all = 0;
    for (int h = 0; h < HOOKS; h++) {
        all += hook_family(h) == family;
        if (hook_family(h) == family && is_imported(s, h))
            lines_add(called, "%s", hook_name(h));
    }
    return all;
}

static void print_hooks(const struct objects *s)
{
    const char *title = "calls";
    size_t helpers = 0, helpers_called = 0;
    for (size_t i = 0; i < hook_families(); i++) {
        struct lines called = { 0 };
        size_t all = family_hooks(s, i, &called);
        char *names = lines_join(&called, NAMES);
        if (family_is_helper(i)) {
            helpers += all;
            helpers_called += called.count;
        } else if (called.count) {
            put("%-13s%-12s%zu of %zu: %s\n", title, family_title(i), called.count, all,
                names ? names : "");
            title = "";
        }
        free(names);
        lines_free(&called);
    }
    if (helpers_called)
        put("%-13s%-12s%zu of %zu that keep track of descriptors and libraries\n", title, "others",
            helpers_called, helpers);
}

static void print_lines(const char *before, const struct lines *l)
{
    for (size_t i = 0; i < l->count; i++)
        put("%s: %s\n", before, l->at[i]);
}

void report_print(const struct report *r)
{
    const struct object *o = r->objects.at[0];
    for (size_t i = 0; i < r->through.count; i++)
        row("script", r->through.at[i]);
    put("%-13s%s%s\n", "program", o->path ? o->path : o->name,
        o->is_deleted ? " (replaced on disk since)" : "");
    if (!r->asked)
        print_process(&r->process);
    print_kind(o);
    print_rights(&r->rights);
    print_libraries(&r->objects);
    print_found(&r->objects);
    print_hooks(&r->objects);
    putchar('\n');
    print_lines("carried", &r->carried);
    print_lines("not carried", &r->lost);
    print_lines("note", &r->notes);
    print_lines("do", &r->todo);
}
