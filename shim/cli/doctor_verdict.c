/* From facts to sentences. */
#include "cli/doctor.h"

#include <stdlib.h>
#include <unistd.h>

enum { NAMES = 3 }; /* that are told in a sentence */

/* --- who sends ----------------------------------------------------------------------------- */

bool object_is_base(const struct object *o)
{
    return begins_with_any(object_name(o), "libc.so libm.so libpthread. libdl. librt. libresolv. "
                                           "libnss_ libnsl. libanl. libutil. ld-linux libbellhop");
}

/* These send for others, who are asked instead. */
static bool is_provider(const struct object *o)
{
    return begins_with_any(object_name(o),
                           "libssl. libcrypto. libgnutls. libcurl. libcurl-gnutls.");
}

const struct object *way_provider(const struct objects *s, enum way way)
{
    for (size_t i = 0; i < s->count && *way_library(way); i++)
        if (begins_with_any(object_name(s->at[i]), way_library(way)))
            return s->at[i];
    return NULL;
}

/* What a provider needs for itself, as libcurl an LDAP library, makes no requests of the program's.
 * The way up from any object ends at the program. */
static bool is_behind_provider(const struct objects *s, size_t i)
{
    for (i = s->at[i]->parent; i != 0; i = s->at[i]->parent)
        if (is_provider(s->at[i]))
            return true;
    return false;
}

static bool uses_way(const struct object *o, enum way way, const struct object *provider)
{
    for (int h = 0; h < HOOKS; h++)
        if (o->imports[h] && family_way(hook_family(h)) == way &&
            (!provider || provider->state == OBJECT_MISSING || provider->defines[h]))
            return true;
    return false;
}

static bool uses_sockets(const struct object *o)
{
    int connect = hook_find("connect");
    return (connect < 0 || o->imports[connect]) && uses_way(o, WAY_SOCKETS, NULL);
}

/* The program itself, and what it loads by itself. */
static bool is_front(const struct objects *s, size_t i)
{
    return i == 0 || (s->at[i]->at_run_time && s->at[i]->parent == 0);
}

static void add_users(const struct objects *s, enum way way, bool front, struct lines *out)
{
    const struct object *provider = way_provider(s, way);
    for (size_t i = 0; i < s->count; i++) {
        const struct object *o = s->at[i];
        if (is_front(s, i) != front || object_is_base(o) || is_provider(o) ||
            is_behind_provider(s, i))
            continue;
        if (way == WAY_SOCKETS ? uses_sockets(o) : uses_way(o, way, provider))
            lines_add(out, "%s", object_name(o));
    }
}

bool way_users(const struct objects *s, enum way way, struct lines *out)
{
    if (!way_provider(s, way) && *way_library(way))
        return false;
    add_users(s, way, true, out);
    /* Most programs have a library that can open some connection; it hardly speaks HTTP for one
     * that does so itself. */
    if (!out->count || way != WAY_SOCKETS)
        add_users(s, way, false, out);
    return out->count;
}

enum evidence mark_evidence(const struct objects *s, size_t mark, struct lines *in)
{
    enum evidence most = EVIDENCE_NONE;
    for (size_t i = 0; mark < MARKS_MOST && i < s->count; i++) {
        enum evidence e = s->at[i]->evidence[mark];
        if (e > most)
            most = e;
        if (e && in)
            lines_add(in, "%s", object_name(s->at[i]));
    }
    return most;
}

/* --- what is carried ----------------------------------------------------------------------- */

static void add_carried(struct report *r, enum way way, const char *what)
{
    struct lines users = { 0 };
    const struct object *provider = way_provider(&r->objects, way);
    if (way_users(&r->objects, way, &users)) {
        char *names = lines_join(&users, NAMES);
        lines_add(&r->carried, "%s (by %s%s%s)", what, names ? names : "",
                  provider ? ", through " : "", provider ? object_name(provider) : "");
        free(names);
    }
    lines_free(&users);
}

static bool has_family(const char *family)
{
    for (size_t i = 0; i < hook_families(); i++)
        if (strcmp(family_name(i), family) == 0)
            return true;
    return false;
}

/* By the program itself; a library that can listen, as libcrypto, says nothing. */
static bool accepts(const struct objects *s)
{
    static const char *const names[] = { "accept", "accept4" };
    for (size_t i = 0; i < s->count; i++)
        for (size_t k = 0; is_front(s, i) && k < sizeof names / sizeof *names; k++) {
            int h = hook_find(names[k]);
            if (h >= 0 && s->at[i]->imports[h] && !object_is_base(s->at[i]))
                return true;
        }
    return false;
}

static void find_carried(struct report *r)
{
    add_carried(r, WAY_CURL, "requests made with libcurl, over TLS and by HTTP/2 as well");
    add_carried(r, WAY_SOCKETS, "HTTP/1 requests over plain sockets");
    add_carried(r, WAY_OPENSSL, "HTTP/1 requests over TLS by OpenSSL");
    add_carried(r, WAY_GNUTLS, "HTTP/1 requests over TLS by GnuTLS");
    if (!r->carried.count)
        lines_add(&r->notes, "no function was found by which it would make a request itself; what "
                             "it loads at run time and the programs that it starts may");
    if (!accepts(&r->objects))
        return;
    if (has_family("wait"))
        lines_add(&r->carried, "baggage of the requests that it serves, on to those that it makes");
    else
        lines_add(&r->notes, "if it serves requests: their baggage is not taken over, only its own "
                             "environment's and settings'");
}

/* --- what is not --------------------------------------------------------------------------- */

static void lose(struct report *r, enum reach reach)
{
    if (r->reach < reach)
        r->reach = reach;
}

static void add_mark(struct report *r, size_t i)
{
    const struct mark *m = mark_at(i);
    struct lines in = { 0 };
    enum evidence e = mark_evidence(&r->objects, i, &in);
    /* What a library brings of its own does not make the program one of that kind. */
    bool whole = m->loss == LOSS_ALL && r->objects.at[0]->evidence[i];
    char *names = lines_join(&in, NAMES);
    if (e && m->note)
        lines_add(&r->notes, "%s", m->note);
    if (e && m->lost && names) {
        if (e == EVIDENCE_POSSIBLE)
            lines_add(&r->notes,
                      "it may also make %s, which would not be carried (%s has text of "
                      "it)",
                      m->lost, names);
        else
            lines_add(&r->lost, "%s (%s)", m->lost, names);
        if (e > EVIDENCE_POSSIBLE) {
            lines_add(&r->todo, "%s", m->todo);
            lose(r, whole ? REACH_NOTHING : REACH_PART);
        }
    }
    free(names);
    lines_free(&in);
}

static void add_unread(struct report *r, const struct object *o)
{
    const struct objects *s = &r->objects;
    if (o->state == OBJECT_READ || r->reach == REACH_NOTHING)
        return;
    if (o->state == OBJECT_MISSING && s->at[o->parent]->at_run_time) {
        lines_add(&r->notes, "%s was not found, which %s needs; the program may know where it is",
                  object_name(o), object_name(s->at[o->parent]));
        return;
    }
    lose(r, REACH_PART);
    if (o->state == OBJECT_MISSING && o != s->at[0]) {
        lines_add(&r->lost,
                  "anything, as long as %s is not found, which %s needs: it does not start",
                  object_name(o), object_name(s->at[o->parent]));
        lines_add(&r->todo,
                  "install the library that has %s, or name its folder in LD_LIBRARY_PATH",
                  object_name(o));
        return;
    }
    lines_add(&r->lost, "what %s does, as far as it is unknown: the file is %s", object_name(o),
              object_state_word(o->state));
}

static void find_lost(struct report *r)
{
    for (size_t i = 0; i < marks_count(); i++)
        add_mark(r, i);
    for (size_t i = 0; i < r->objects.count; i++)
        add_unread(r, r->objects.at[i]);
    if (r->objects.is_cut)
        lines_add(&r->notes, "it needs more libraries than are looked at");
}

/* A function of the program's own comes before ours. */
static void find_own_functions(struct report *r)
{
    const struct object *o = r->objects.at[0];
    struct lines own = { 0 };
    for (int h = 0; h < HOOKS && !object_is_sanitized(o); h++)
        if (o->defines[h] && !*way_library(family_way(hook_family(h))))
            lines_add(&own, "%s", hook_name(h));
    char *names = lines_join(&own, NAMES);
    if (own.count && names)
        lines_add(&r->notes, "it has functions of its own called %s, which come before bellhop's",
                  names);
    free(names);
    lines_free(&own);
}

/* The loader puts preloaded libraries before the needed ones, and gcc's runtime refuses to come
 * second; clang's is in the program itself. */
static void find_sanitizer(struct report *r)
{
    const struct object *asan = NULL;
    for (size_t i = 0; i < r->objects.count && !asan; i++)
        if (begins_with_any(object_name(r->objects.at[i]), "libasan. libclang_rt.asan"))
            asan = r->objects.at[i];
    if (!asan || r->process.preloaded == YES)
        return;
    lose(r, REACH_PART);
    lines_add(&r->lost, "anything, as long as %s does not come first: it ends the program",
              object_name(asan));
    lines_add(&r->todo,
              "set ASAN_OPTIONS=verify_asan_link_order=0, or LD_PRELOAD with %s before "
              "libbellhop.so",
              asan->path ? asan->path : object_name(asan));
}

/* --- the program and the process ----------------------------------------------------------- */

static void advise_rights(struct report *r)
{
    if (*r->rights.capabilities)
        lines_add(&r->todo,
                  "give the capabilities as ambient ones instead of by the file (systemd: "
                  "AmbientCapabilities=): with those, LD_PRELOAD counts");
    if (*r->rights.setuid)
        lines_add(&r->todo, "run it as %s from the start", r->rights.setuid);
    if (*r->rights.setgid)
        lines_add(&r->todo, "run it with the group %s from the start", r->rights.setgid);
}

static void advise_static(struct report *r)
{
    const struct object *o = r->objects.at[0];
    if (o->has_loader || o->state == OBJECT_MISSING || o->state == OBJECT_UNREADABLE)
        return;
    if (!mark_evidence(&r->objects, mark_find("go"), NULL))
        lines_add(&r->todo, "use a dynamically linked build of it, or a proxy beside it");
}

static void judge_program(struct report *r)
{
    if (r->program.fault == PROGRAM_OK) {
        if (rights_any(&r->rights)) {
            lines_add(&r->lost, "anything, when somebody runs it who gains rights by that: the "
                                "loader ignores LD_PRELOAD then");
            advise_rights(r);
            lose(r, REACH_PART);
        }
        return;
    }
    lines_add(&r->lost, "anything: %s", r->program.why);
    lose(r, REACH_NOTHING);
    advise_rights(r);
    advise_static(r);
}

static void judge_preload(struct report *r)
{
    struct process *p = &r->process;
    if (p->preloaded == YES && p->disabled != YES)
        return;
    lose(r, REACH_NOTHING);
    if (p->preloaded == YES) {
        lines_add(&r->lost, "anything: BELLHOP_DISABLED=true was in its environment");
        lines_add(&r->todo, "start it again without BELLHOP_DISABLED");
    } else if (p->preloaded == UNKNOWN) {
        lines_add(&r->lost, "anything, as far as can be seen: what is loaded may not be read");
        lines_add(&r->todo, "run this as the user of the process, or as root");
    } else if (p->secure == YES) {
        lines_add(&r->lost, "anything: it gained rights when it was started, so the loader ignored "
                            "LD_PRELOAD");
        advise_rights(r);
    } else {
        lines_add(&r->lost, "anything: bellhop is not loaded there%s",
                  p->asked == YES ? ", although LD_PRELOAD named it" : "");
        lines_add(&r->todo, "%s",
                  p->asked == YES ? "look at its first lines on standard error, where the loader "
                                    "says what it could not preload"
                                  : "start it again with bellhop run; a process that runs stays as "
                                    "it is");
    }
    advise_static(r);
}

static void judge_process(struct report *r)
{
    const struct process *p = &r->process;
    judge_preload(r);
    if (p->preloaded == YES && p->baggage == NO && p->config == NO)
        lines_add(&r->notes, "neither BAGGAGE nor BELLHOP_CONFIG was in its environment: it has "
                             "nothing of its own to carry");
    if (p->deleted) {
        lines_add(&r->notes,
                  "%zu of its files were replaced on disk since it started, and what is "
                  "said here is about what it runs, where that can still be read",
                  p->deleted);
        lines_add(&r->todo, "start it again, to have what is installed now");
    }
    if (p->other_root == YES)
        lines_add(&r->notes,
                  "it is in a container: the shim must be a file in there, and LD_PRELOAD "
                  "and BAGGAGE must be set in there");
    if (p->seccomp > 0)
        lines_add(&r->notes, "%s",
                  p->seccomp == 1 ? "seccomp is in strict mode: it can make no connection"
                                  : "seccomp filters its system calls; that does no harm, as "
                                    "bellhop makes no kind of call that the program does not make");
}

void verdict_make(struct report *r)
{
    r->reach = REACH_ALL;
    if (r->asked)
        judge_program(r);
    else
        judge_process(r);
    bool is_go = r->objects.at[0]->evidence[mark_find("go")];
    if (r->reach != REACH_NOTHING && !is_go)
        find_carried(r);
    find_lost(r);
    find_sanitizer(r);
    find_own_functions(r);
    if (r->objects.at[0]->path)
        wrapper_notes(&r->notes, r->objects.at[0]->path, &r->through);
    if (!r->todo.count && r->reach == REACH_ALL)
        lines_add(&r->todo, "nothing");
}
