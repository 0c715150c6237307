/* The report for programs. */
#include "cli/doctor.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* A name that is no UTF-8 has its bytes beyond ASCII replaced; null for none. */
static json_t *text(const char *s)
{
    json_t *value = s ? json_string(s) : json_null();
    char *plain = value ? NULL : strdup(s);
    for (char *c = plain; c && *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    if (plain)
        value = json_string(plain);
    free(plain);
    return value;
}

static json_t *texts(const struct lines *l)
{
    json_t *list = json_array();
    for (size_t i = 0; i < l->count; i++)
        json_array_append_new(list, text(l->at[i]));
    return list;
}

static json_t *known(enum known k)
{
    return k == UNKNOWN ? json_null() : json_boolean(k == YES);
}

static void set(json_t *to, const char *key, json_t *value)
{
    json_object_set_new(to, key, value);
}

static json_t *library(const struct objects *s, const struct object *o)
{
    json_t *to = json_object();
    set(to, "name", text(object_name(o)));
    set(to, "path", text(o->path));
    set(to, "state", text(object_state_word(o->state)));
    set(to, "needed_by",
        o->at_run_time && o->parent == 0 ? json_null() : text(object_name(s->at[o->parent])));
    set(to, "at_run_time", json_boolean(o->at_run_time));
    set(to, "deleted", json_boolean(o->is_deleted));
    return to;
}

static json_t *libraries(const struct objects *s)
{
    json_t *list = json_array();
    for (size_t i = 1; i < s->count; i++)
        json_array_append_new(list, library(s, s->at[i]));
    return list;
}

static json_t *users_of(const struct objects *s, int hook)
{
    struct lines users = { 0 };
    for (size_t i = 0; i < s->count; i++)
        if (s->at[i]->imports[hook] && !object_is_base(s->at[i]))
            lines_add(&users, "%s", object_name(s->at[i]));
    json_t *list = users.count ? texts(&users) : NULL;
    lines_free(&users);
    return list;
}

/* {"FAMILY": {"FUNCTION": ["libx.so", ...]}}, without what nobody calls. */
static json_t *hooks(const struct objects *s)
{
    json_t *families = json_object();
    for (int h = 0; h < HOOKS; h++) {
        const char *name = family_name(hook_family(h));
        json_t *family = json_object_get(families, name), *users = users_of(s, h);
        if (!users)
            continue;
        if (!family) {
            family = json_object();
            set(families, name, family);
        }
        set(family, hook_name(h), users);
    }
    return families;
}

static json_t *ways_of(const struct objects *s)
{
    json_t *to = json_object();
    for (enum way w = WAY_NONE + 1; w < WAYS; w++) {
        struct lines users = { 0 };
        if (way_users(s, w, &users))
            set(to, way_id(w), texts(&users));
        lines_free(&users);
    }
    return to;
}

static json_t *found(const struct objects *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < marks_count(); i++) {
        struct lines in = { 0 };
        enum evidence e = mark_evidence(s, i, &in);
        if (e)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "id", mark_at(i)->id,
                                                  "kind", mark_kind_word(mark_at(i)->kind),
                                                  "evidence", evidence_word(e), "in", texts(&in)));
        lines_free(&in);
    }
    return list;
}

static json_t *rights(const struct rights *r)
{
    return json_pack("{s:o, s:o, s:o, s:b}", "setuid", text(*r->setuid ? r->setuid : NULL),
                     "setgid", text(*r->setgid ? r->setgid : NULL), "capabilities",
                     text(*r->capabilities ? r->capabilities : NULL), "ignored", r->is_ignored);
}

static json_t *process(const struct process *p)
{
    json_t *to = json_object();
    set(to, "pid", json_integer(p->pid));
    set(to, "uid", json_integer(p->uid));
    set(to, "loaded", known(p->preloaded));
    set(to, "preload_asked", known(p->asked));
    set(to, "disabled", known(p->disabled));
    set(to, "baggage", known(p->baggage));
    set(to, "config", known(p->config));
    set(to, "secure", known(p->secure));
    set(to, "container", known(p->other_root));
    set(to, "seccomp", p->seccomp < 0 ? json_null() : json_integer(p->seccomp));
    set(to, "no_new_privs", json_boolean(p->no_new_privs));
    set(to, "capabilities", json_integer((json_int_t)p->capabilities));
    set(to, "replaced", json_integer((json_int_t)p->deleted));
    return to;
}

static json_t *file(const struct object *o)
{
    json_t *to = json_object();
    set(to, "path", text(o->path));
    set(to, "state", text(object_state_word(o->state)));
    set(to, "class", json_integer(o->bits));
    set(to, "machine", text(machine_name(o->machine)));
    set(to, "static", json_boolean(!o->has_loader));
    set(to, "position_independent", json_boolean(o->is_shared));
    set(to, "loader", text(o->loader));
    set(to, "libc", text(o->loader ? object_libc(o) : NULL));
    return to;
}

void report_print_json(const struct report *r)
{
    static const char *const words[] = { "all", "part", "", "nothing", "unknown" };
    json_t *to = json_object();
    set(to, "asked", text(r->asked));
    set(to, "through", texts(&r->through));
    set(to, "program", file(r->objects.at[0]));
    set(to, "process", r->asked ? json_null() : process(&r->process));
    set(to, "rights", rights(&r->rights));
    set(to, "libraries", libraries(&r->objects));
    set(to, "found", found(&r->objects));
    set(to, "hooks", hooks(&r->objects));
    set(to, "ways", ways_of(&r->objects));
    set(to, "reach", text(words[r->reach]));
    set(to, "carried", texts(&r->carried));
    set(to, "not_carried", texts(&r->lost));
    set(to, "notes", texts(&r->notes));
    set(to, "do", texts(&r->todo));
    json_dumpf(to, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(to);
}
