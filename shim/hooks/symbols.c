#include "hooks/symbols.h"

#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/hot.h"

#define VERSION_HIDDEN 0x8000 /* of a symbol that is not the default version */
#define LIBC           "libc.so"

static HOT _Atomic(const struct link_map *) self;

/* The first object of the process, by what the loader left for debuggers; NULL: nothing. Asking
 * libc where a function is (dladdr1) would look at every symbol that we have, at each start. */
static const struct link_map *first_object(void)
{
    const ElfW(Phdr) *p = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    const ElfW(Dyn) *dynamic = NULL;
    ElfW(Addr) bias = 0;
    for (size_t i = getauxval(AT_PHNUM); p && i-- > 0; p++) {
        if (p->p_type == PT_PHDR)
            bias = (ElfW(Addr))getauxval(AT_PHDR) - p->p_vaddr;
        else if (p->p_type == PT_DYNAMIC)
            dynamic = (const ElfW(Dyn) *)(bias + p->p_vaddr);
    }
    for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++)
        if (dynamic->d_tag == DT_DEBUG && dynamic->d_un.d_ptr)
            return ((const struct r_debug *)dynamic->d_un.d_ptr)->r_map;
    return NULL;
}

void symbols_start(void)
{
    Dl_info info;
    void *map = NULL;
    const struct link_map *at = first_object();
    while (at && at->l_ld != _DYNAMIC)
        at = at->l_next;
    if (at)
        atomic_store_explicit(&self, at, memory_order_release);
    else if (dladdr1((const void *)(uintptr_t)symbols_start, &info, &map, RTLD_DL_LINKMAP))
        atomic_store_explicit(&self, map, memory_order_release);
}

/* The tables of one object (gABI, and the GNU hash section). */
struct tables {
    const ElfW(Sym) * symbols;
    const char *strings;
    const ElfW(Half) * versions;
    const uint32_t *hash;
};

static bool tables_of(const struct link_map *object, struct tables *t)
{
    *t = (struct tables){ 0 };
    for (const ElfW(Dyn) *d = object->l_ld; d && d->d_tag != DT_NULL; d++) {
        ElfW(Addr) at = d->d_un.d_ptr; /* relocated in place on most machines */
        if (at < object->l_addr)
            at += object->l_addr;
        if (d->d_tag == DT_SYMTAB)
            t->symbols = (const void *)at;
        else if (d->d_tag == DT_STRTAB)
            t->strings = (const void *)at;
        else if (d->d_tag == DT_VERSYM)
            t->versions = (const void *)at;
        else if (d->d_tag == DT_GNU_HASH)
            t->hash = (const void *)at;
    }
    return t->symbols && t->strings && t->hash;
}

static uint32_t gnu_hash(const char *name)
{
    uint32_t h = 5381;
    for (; *name; name++)
        h = h * 33 + (unsigned char)*name;
    return h;
}

static bool fits(const struct tables *t, uint32_t i, const char *name)
{
    const ElfW(Sym) *s = &t->symbols[i];
    return s->st_shndx != SHN_UNDEF && ELF64_ST_TYPE(s->st_info) == STT_FUNC &&
           !(t->versions && (t->versions[i] & VERSION_HIDDEN)) &&
           strcmp(t->strings + s->st_name, name) == 0;
}

static const ElfW(Sym) * find(const struct tables *t, const char *name, uint32_t h)
{
    uint32_t buckets = t->hash[0], first = t->hash[1], words = t->hash[2], shift = t->hash[3];
    const ElfW(Addr) *bloom = (const void *)(t->hash + 4);
    const uint32_t *bucket = (const void *)(bloom + words), *chain = bucket + buckets;
    const uint32_t bits = sizeof(ElfW(Addr)) * 8;
    ElfW(Addr) word = bloom[h / bits % words];
    if (!(word >> h % bits & word >> (h >> shift) % bits & 1))
        return NULL;
    uint32_t i = bucket[h % buckets];
    if (i < first)
        return NULL;
    for (;; i++) {
        uint32_t other = chain[i - first];
        if ((other | 1) == (h | 1) && fits(t, i, name))
            return &t->symbols[i];
        if (other & 1)
            return NULL;
    }
}

static void *found_at(const struct link_map *object, const ElfW(Sym) * s)
{
    return s ? (void *)(object->l_addr + s->st_value) : NULL;
}

static void *find_in(const struct link_map *object, const char *name, uint32_t h)
{
    struct tables t;
    return tables_of(object, &t) ? found_at(object, find(&t, name, h)) : NULL;
}

void *symbols_own(const char *name)
{
    const struct link_map *own = atomic_load_explicit(&self, memory_order_acquire);
    return own ? find_in(own, name, gnu_hash(name)) : NULL;
}

static bool is_libc(const struct link_map *object)
{
    const char *slash = object->l_name ? strrchr(object->l_name, '/') : NULL;
    return slash && strncmp(slash + 1, LIBC, strlen(LIBC)) == 0;
}

void *symbols_next(const char *name)
{
    const struct link_map *at = atomic_load_explicit(&self, memory_order_acquire);
    uint32_t h = gnu_hash(name);
    for (at = at ? at->l_next : NULL; at; at = at->l_next) {
        void *found = find_in(at, name, h);
        if (found || is_libc(at)) /* objects behind libc may come and go */
            return found;
    }
    return NULL;
}

/* --- what an object needs --------------------------------------------------------------------- */

#define NEEDS 96 /* objects that are looked at; more are not expected of one library */

struct walk {
    const char *name;
    uint32_t hash;
    void *found;
    size_t count, next;
    const struct link_map *queue[NEEDS];
};

static void enqueue(struct walk *w, const struct link_map *object)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->queue[i] == object)
            return;
    if (w->count < NEEDS && object != atomic_load(&self))
        w->queue[w->count++] = object;
}

static bool is_named(const struct link_map *object, const char *needed)
{
    const char *strings = NULL, *slash = object->l_name ? strrchr(object->l_name, '/') : NULL;
    ElfW(Xword) soname = 0;
    struct tables t;
    if (strcmp(slash ? slash + 1 : "", needed) == 0)
        return true;
    if (tables_of(object, &t))
        strings = t.strings;
    for (const ElfW(Dyn) *d = object->l_ld; d && d->d_tag != DT_NULL; d++)
        if (d->d_tag == DT_SONAME)
            soname = d->d_un.d_val;
    return strings && soname && strcmp(strings + soname, needed) == 0;
}

static void enqueue_needs(struct walk *w, const struct link_map *object)
{
    const struct link_map *first = object;
    struct tables t;
    if (!tables_of(object, &t))
        return;
    while (first->l_prev)
        first = first->l_prev;
    for (const ElfW(Dyn) *d = object->l_ld; d->d_tag != DT_NULL; d++) {
        if (d->d_tag != DT_NEEDED)
            continue;
        const struct link_map *at = first;
        while (at && !is_named(at, t.strings + d->d_un.d_val))
            at = at->l_next;
        if (at)
            enqueue(w, at);
    }
}

/* The object that holds an address, out of the list of objects. dladdr1 would tell as well, after
 * it looked at every symbol of that object. */
struct place {
    uintptr_t address;
    const struct link_map *found;
    struct walk *then;
};

static const struct link_map *with_dynamic(uintptr_t dynamic)
{
    const struct link_map *at = atomic_load_explicit(&self, memory_order_acquire);
    if (!at) /* before our constructor */
        at = first_object();
    while (at && at->l_prev)
        at = at->l_prev;
    while (at && (uintptr_t)at->l_ld != dynamic)
        at = at->l_next;
    return at;
}

static void walk_from(struct walk *w, const struct link_map *object)
{
    enqueue(w, object);
    for (; w->next < w->count && !w->found; w->next++) {
        w->found = find_in(w->queue[w->next], w->name, w->hash);
        if (!w->found)
            enqueue_needs(w, w->queue[w->next]);
    }
}

/* Called with the list of objects locked. */
static int place_visit(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct place *p = arg;
    const uintptr_t at = p->address - info->dlpi_addr;
    uintptr_t dynamic = 0;
    bool within = false;
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        within = within || (h->p_type == PT_LOAD && at - h->p_vaddr < h->p_memsz);
        if (h->p_type == PT_DYNAMIC)
            dynamic = info->dlpi_addr + h->p_vaddr;
    }
    if (!within)
        return 0;
    p->found = dynamic ? with_dynamic(dynamic) : NULL;
    if (p->found && p->then)
        walk_from(p->then, p->found);
    return 1;
}

const struct link_map *symbols_object(const void *address)
{
    struct place p = { .address = (uintptr_t)address };
    if (address)
        dl_iterate_phdr(place_visit, &p);
    return p.found;
}

void *symbols_from(const void *address, const char *name)
{
    struct walk w = { .name = name, .hash = gnu_hash(name) };
    struct place p = { .address = (uintptr_t)address, .then = &w };
    if (address)
        dl_iterate_phdr(place_visit, &p);
    return w.found;
}

bool symbols_is_unversioned(const void *definition, const char *name)
{
    const struct link_map *object = symbols_object(definition);
    struct tables t;
    if (!object || !tables_of(object, &t))
        return false;
    const ElfW(Sym) *s = find(&t, name, gnu_hash(name));
    if (!s || found_at(object, s) != definition)
        return false;
    return !t.versions || (t.versions[s - t.symbols] & ~VERSION_HIDDEN) <= 1;
}
