#include "cli/doctor_object.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/doctor_image.h"

/* What one file may have: more is not looked at. */
enum { NEEDED_MOST = 1024, SYMBOLS_MOST = 1 << 22, SECTIONS_MOST = 1 << 16 };
/* Nobody's text begins further behind. */
static const size_t TEXTS_IN = (size_t)512 << 20;

const char *object_state_word(enum object_state state)
{
    static const char *const words[] = { "read", "not found", "not readable", "no ELF file",
                                         "damaged" };
    return words[state];
}

const char *object_name(const struct object *o)
{
    const char *name = o->soname && *o->soname ? o->soname : o->path ? o->path : o->name;
    const char *slash = name ? strrchr(name, '/') : NULL;
    return slash ? slash + 1 : name ? name : "";
}

const char *machine_name(uint16_t machine)
{
    static const struct {
        uint16_t machine;
        const char *name;
    } known[] = { { EM_X86_64, "x86-64" }, { EM_386, "x86" },         { EM_AARCH64, "ARM 64" },
                  { EM_ARM, "ARM" },       { EM_RISCV, "RISC-V" },    { EM_PPC64, "PowerPC 64" },
                  { EM_S390, "s390" },     { EM_LOONGARCH, "Loong" }, { EM_MIPS, "MIPS" } };
    static char number[32];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].machine == machine)
            return known[i].name;
    snprintf(number, sizeof number, "machine type %u", machine);
    return number;
}

const char *object_libc(const struct object *o)
{
    static const struct {
        const char *loaders, *libc;
    } known[] = { { "ld-linux ld.so. ld64.so. ld-lsb ld-2.", "glibc" },
                  { "ld-musl", "musl" },
                  { "ld-uClibc ld64-uClibc", "uClibc" },
                  { "linker", "Android's bionic" },
                  { "ld-elf", "FreeBSD's libc" } };
    const char *slash = o->loader ? strrchr(o->loader, '/') : NULL;
    for (size_t i = 0; slash && i < sizeof known / sizeof *known; i++)
        if (begins_with_any(slash + 1, known[i].loaders))
            return known[i].libc;
    return "unknown libc";
}

/* --- the dynamic section ------------------------------------------------------------------- */

/* NULL: none, or no memory. */
static char *copy_string(const struct image *m, uint64_t at)
{
    struct span s = image_string(m, at);
    return s.at ? strndup(s.at, s.len) : NULL;
}

static void take_needed(struct object *o, const struct image *m, uint64_t at)
{
    char *name = o->needed_count < NEEDED_MOST ? copy_string(m, at) : NULL;
    char **more = name && *name ? realloc(o->needed, (o->needed_count + 1) * sizeof *more) : NULL;
    if (!more) {
        free(name);
        o->state = OBJECT_DAMAGED;
        return;
    }
    o->needed = more;
    o->needed[o->needed_count++] = name;
}

static void take_once(char **to, const struct image *m, uint64_t at)
{
    if (!*to)
        *to = copy_string(m, at);
}

static void take_dynamic(struct object *o, const struct image *m)
{
    GElf_Dyn d;
    for (size_t i = 0; image_dynamic(m, i, &d); i++) {
        if (d.d_tag == DT_NEEDED)
            take_needed(o, m, d.d_un.d_val);
        else if (d.d_tag == DT_SONAME)
            take_once(&o->soname, m, d.d_un.d_val);
        else if (d.d_tag == DT_RPATH)
            take_once(&o->rpath, m, d.d_un.d_val);
        else if (d.d_tag == DT_RUNPATH)
            take_once(&o->runpath, m, d.d_un.d_val);
        else if (d.d_tag == DT_FLAGS_1)
            o->no_default_path |= d.d_un.d_val & DF_1_NODEFLIB;
    }
}

/* --- symbols ------------------------------------------------------------------------------- */

static void take_symbol(struct object *o, const char *name, bool is_defined, bool is_dynamic)
{
    marks_symbol(o->evidence, name, is_defined);
    int hook = hook_find(name);
    if (hook < 0 || !is_dynamic)
        return;
    if (is_defined)
        o->defines[hook] = true;
    else
        o->imports[hook] = true;
}

static void take_symbols(struct object *o, const struct image_symbols *s, bool is_dynamic)
{
    for (size_t i = 1; i < s->count && i < SYMBOLS_MOST; i++) {
        GElf_Sym symbol;
        struct span name;
        if (!image_symbol(s, i, &symbol, &name)) {
            o->state = OBJECT_DAMAGED;
            continue;
        }
        int kind = GELF_ST_TYPE(symbol.st_info);
        if (name.len && kind != STT_SECTION && kind != STT_FILE)
            take_symbol(o, name.at, symbol.st_shndx != SHN_UNDEF, is_dynamic);
    }
}

static void take_sections(struct object *o, struct image *m)
{
    const char *name;
    struct image_symbols symbols;
    for (size_t i = 1; i < SECTIONS_MOST && image_section(m, i, &name, &symbols); i++) {
        marks_section(o->evidence, name);
        if (symbols.count)
            take_symbols(o, &symbols, false);
    }
}

/* --- the file ------------------------------------------------------------------------------ */

static void take_header(struct object *o, const struct image *m)
{
    o->bits = m->bits;
    o->order = m->order;
    o->machine = m->header.e_machine;
    o->is_shared = m->header.e_type == ET_DYN;
    o->has_dynamic = m->has_dynamic;
    o->has_loader = m->has_loader;
    if (m->loader.at)
        o->loader = strndup(m->loader.at, m->loader.len);
}

bool object_read(struct object *o, int fd)
{
    struct image m;
    struct image_symbols symbols;
    o->state = OBJECT_FOREIGN;
    if (!image_open(&m, fd))
        return false;
    o->state = OBJECT_READ;
    take_header(o, &m);
    take_dynamic(o, &m);
    if (image_symbols(&m, &symbols))
        take_symbols(o, &symbols, true);
    take_sections(o, &m);
    if (m.is_damaged)
        o->state = OBJECT_DAMAGED;
    image_close(&m);
    marks_library(o->evidence, object_name(o));
    return o->state == OBJECT_READ;
}

/* Libraries that are known by name hold the texts for what they are. */
static bool is_known_library(const struct object *o)
{
    return begins_with_any(object_name(o), "libssl. libcrypto. libgnutls. libcurl. libcurl-gnutls. "
                                           "libnghttp2. libc.so libm.so ld-linux libbellhop");
}

bool object_is_sanitized(const struct object *o)
{
    static const char *const sanitizers[] = { "asan", "tsan", "msan" };
    for (size_t i = 0; i < sizeof sanitizers / sizeof *sanitizers; i++)
        if (o->evidence[mark_find(sanitizers[i])] == EVIDENCE_CERTAIN)
            return true;
    return false;
}

void object_mark(struct object *o, int fd)
{
    if (is_known_library(o)) {
        memset(o->evidence, 0, sizeof o->evidence);
        return;
    }
    marks_texts(o->evidence, fd, TEXTS_IN);
    marks_settle(o->evidence);
    for (int h = 0; h < HOOKS && object_is_sanitized(o); h++)
        o->imports[h] |= o->defines[h] && !*way_library(family_way(hook_family(h)));
}

void object_free(struct object *o)
{
    for (size_t i = 0; i < o->needed_count; i++)
        free(o->needed[i]);
    free(o->needed);
    free(o->name);
    free(o->path);
    free(o->soname);
    free(o->loader);
    free(o->rpath);
    free(o->runpath);
}
