#include "hooks/real.h"

#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "base/span.h"
#include "hooks/symbols.h"
#include "hooks/table.h"

/* Every version under which some glibc has them; dlvsym is no hook of ours. */
static void *next_by_version(const char *name)
{
    static const char *const versions[] = { "GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.27",
                                            "GLIBC_2.0",  "GLIBC_2.1",   "GLIBC_2.4" };
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        void *found = dlvsym(RTLD_NEXT, name, versions[i]);
        if (found)
            return found;
    }
    return NULL;
}

dlsym_fn *real_dlsym(void)
{
    static _Atomic(void *) known;
    void *found = atomic_load_explicit(&known, memory_order_acquire);
    if (!found) {
        found = next_by_version("dlsym");
        atomic_store_explicit(&known, found, memory_order_release);
    }
    return (dlsym_fn *)found;
}

dlopen_fn *real_dlopen(void)
{
    static _Atomic(void *) known;
    void *found = atomic_load_explicit(&known, memory_order_acquire);
    if (!found) {
        found = real_next("dlopen");
        atomic_store_explicit(&known, found, memory_order_release);
    }
    return (dlopen_fn *)found;
}

static atomic_uint generation;

unsigned real_generation(void)
{
    return atomic_load_explicit(&generation, memory_order_acquire);
}

void real_generation_end(void)
{
    atomic_fetch_add_explicit(&generation, 1, memory_order_acq_rel);
}

void *real_next(const char *name)
{
    dlsym_fn *find = real_dlsym();
    void *found = find ? find(RTLD_NEXT, name) : NULL;
    __asm__ volatile("" : "+r"(found)); /* no tail call: RTLD_NEXT means behind who calls */
    return found;
}

bool real_same_object(const void *a, const void *b)
{
    const struct link_map *object = symbols_object(a);
    return object && object == symbols_object(b);
}

bool real_is_ours(const void *address)
{
    return real_same_object(address, (const void *)(uintptr_t)real_is_ours);
}

void *real_beside(const void *definition, const char *name)
{
    return symbols_from(definition, name);
}

/* --- optional libraries --------------------------------------------------------------------- */

#define COPIES 8 /* of one library in one process; more are not told apart */

/* Of each library, the object that was adopted, by where it is loaded. */
static _Atomic(uintptr_t) adopted[HOOK_LIBRARIES];

/* The n-th loaded object whose base name begins so. It is told by an address in it, as dlopen must
 * not be called while the list of objects is locked. */
struct search {
    struct span prefix;
    size_t skip;
    uintptr_t found;
};

static int search_visit(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct search *s = arg;
    const char *path = info->dlpi_name ? info->dlpi_name : "";
    const char *slash = strrchr(path, '/');
    (void)size;
    if (!span_starts(span_of(slash ? slash + 1 : path), s->prefix) || s->skip-- > 0)
        return 0;
    for (size_t i = 0; i < info->dlpi_phnum && !s->found; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD)
            s->found = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    return 1;
}

/* The definitions of `name` in all loaded objects of its family; at most COPIES. */
static size_t find_copies(const struct hook *o, void **found)
{
    size_t count = 0;
    for (size_t n = 0; n < 2 * COPIES && count < COPIES; n++) {
        struct search s = { .prefix = span_of(hook_library(o->family)), .skip = n };
        if (!dl_iterate_phdr(search_visit, &s))
            break;
        void *definition = symbols_from((const void *)s.found, o->name);
        if (definition && !real_is_ours(definition))
            found[count++] = definition;
    }
    return count;
}

static uintptr_t base_of(const void *definition)
{
    const struct link_map *object = symbols_object(definition);
    return object ? object->l_addr : 0;
}

bool real_adopt(const void *definition, const char *name)
{
    void *found[COPIES];
    const struct hook *o = hook_optional(name);
    if (o && base_of(definition) && atomic_load(&adopted[hook_object(o)]) == base_of(definition))
        return true;
    if (!o || find_copies(o, found) != 1 || base_of(found[0]) != base_of(definition))
        return false;
    atomic_store(&adopted[hook_object(o)], base_of(definition));
    return true;
}

static void *find_loaded(const struct hook *o)
{
    void *found[COPIES];
    size_t count = find_copies(o, found);
    uintptr_t wanted = atomic_load(&adopted[hook_object(o)]);
    if (count == 1)
        return found[0];
    for (size_t i = 0; i < count; i++)
        if (wanted && base_of(found[i]) == wanted)
            return found[i];
    return NULL;
}

void *real_for(const void *caller, const char *name)
{
    const struct hook *o = hook_optional(name);
    void *next = real_next(name);
    void *needed = symbols_from(caller, name);
    if (needed && real_is_ours(needed))
        needed = NULL;
    /* One without a version matches every caller: another preloaded object's, most likely. */
    if (next && (!needed || next == needed || symbols_is_unversioned(next, name)))
        return next;
    if (needed)
        return needed;
    return o ? find_loaded(o) : NULL;
}

void *real_optional_hook(const char *name)
{
    const struct hook *o = hook_optional(name);
    return o ? symbols_own(o->name) : NULL;
}
