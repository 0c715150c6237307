#include "cli/doctor_hooks.h"

#include <stdlib.h>
#include <string.h>

#include "base/span.h"

enum { FAMILIES = 64 };

static const struct {
    const char *name, *family;
} hooks[HOOKS] = {
#define HOOK(family, name) { #name, #family },
#include "hooks/hooks.def"
#undef HOOK
};

/* A family that is not here has hooks that help the others. */
static const struct {
    const char *family, *title;
    enum way way;
    bool is_helper;
} meanings[] = {
    { "send", "sending", WAY_SOCKETS, false },        { "receive", "receiving", WAY_NONE, false },
    { "connection", "connections", WAY_NONE, false }, { "inlet", "requests in", WAY_NONE, false },
    { "wait", "waiting", WAY_NONE, false },           { "fd", "descriptors", WAY_NONE, true },
    { "make", "files opened", WAY_NONE, true },       { "dl", "loading", WAY_NONE, true },
    { "process", "tasks", WAY_NONE, false },          { "thread", "threads", WAY_NONE, false },
    { "curl", "libcurl", WAY_CURL, false },           { "openssl", "OpenSSL", WAY_OPENSSL, false },
    { "gnutls", "GnuTLS", WAY_GNUTLS, false },        { "alias", "other names", WAY_NONE, true },
};

static const struct {
    const char *id, *library;
} ways[WAYS] = {
    [WAY_NONE] = { "none", "" },
    [WAY_SOCKETS] = { "sockets", "" },
    [WAY_CURL] = { "libcurl", "libcurl" },
    [WAY_OPENSSL] = { "openssl", "libssl." },
    [WAY_GNUTLS] = { "gnutls", "libgnutls." },
};

static struct {
    int by_name[HOOKS];
    const char *family[FAMILIES];
    size_t families;
    size_t family_of[HOOKS];
} table;

static int compare(const void *a, const void *b)
{
    return strcmp(hooks[*(const int *)a].name, hooks[*(const int *)b].name);
}

static int search(const char *name)
{
    size_t low = 0, high = HOOKS;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(name, hooks[table.by_name[middle]].name);
        if (order == 0)
            return table.by_name[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

static size_t family_index(const char *name)
{
    size_t i = 0;
    while (i < table.families && strcmp(table.family[i], name) != 0)
        i++;
    if (i == table.families && i < FAMILIES)
        table.family[table.families++] = name;
    return i < FAMILIES ? i : 0;
}

static const char *family_by_name(int hook)
{
    int plain = -1;
    if (strcmp(hooks[hook].family, "alias") == 0)
        plain = search(hooks[hook].name + strspn(hooks[hook].name, "_"));
    return hooks[plain < 0 ? hook : plain].family;
}

static void prepare(void)
{
    if (table.families)
        return;
    for (int i = 0; i < HOOKS; i++)
        table.by_name[i] = i;
    qsort(table.by_name, HOOKS, sizeof *table.by_name, compare);
    for (int i = 0; i < HOOKS; i++)
        table.family_of[i] = family_index(family_by_name(i));
}

int hook_find(const char *name)
{
    prepare();
    return search(name);
}

const char *hook_name(int hook)
{
    return hooks[hook].name;
}

size_t hook_family(int hook)
{
    prepare();
    return table.family_of[hook];
}

size_t hook_families(void)
{
    prepare();
    return table.families;
}

const char *family_name(size_t family)
{
    return table.family[family];
}

static int meaning_of(size_t family)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (strcmp(meanings[i].family, table.family[family]) == 0)
            return (int)i;
    return -1;
}

const char *family_title(size_t family)
{
    int at = meaning_of(family);
    return at < 0 ? table.family[family] : meanings[at].title;
}

bool family_is_helper(size_t family)
{
    int at = meaning_of(family);
    return at >= 0 && meanings[at].is_helper;
}

enum way family_way(size_t family)
{
    int at = meaning_of(family);
    return at < 0 ? WAY_NONE : meanings[at].way;
}

const char *way_id(enum way way)
{
    return ways[way].id;
}

const char *way_library(enum way way)
{
    return ways[way].library;
}
