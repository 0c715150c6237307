#include "cli/doctor_image.h"

#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"

/* Larger tables than of any program that there is. */
#define TABLE_MOST   ((uint64_t)128 << 20)
#define DYNAMIC_MOST ((uint64_t)1 << 20)
enum { SEGMENTS_MOST = 4096, STRING_MOST = 1 << 14 };

/* Bytes of the file, in this machine's order; NULL: they are not in it, or too many. */
static Elf_Data *chunk(const struct image *m, uint64_t at, uint64_t len, uint64_t most,
                       Elf_Type type)
{
    if (len == 0 || len > most || at > m->size || len > m->size - at)
        return NULL;
    return elf_getdata_rawchunk(m->elf, (int64_t)at, (size_t)len, type);
}

static struct span bytes(const struct image *m, uint64_t at, uint64_t len, uint64_t most)
{
    Elf_Data *d = chunk(m, at, len, most, ELF_T_BYTE);
    return d && d->d_buf ? span_make(d->d_buf, d->d_size) : span_make(NULL, 0);
}

static struct span string_in(struct span table, uint64_t at)
{
    if (!table.at || at >= table.len)
        return span_make(NULL, 0);
    size_t rest = table.len - (size_t)at;
    const char *end = memchr(table.at + at, 0, rest < STRING_MOST ? rest : STRING_MOST);
    return end ? span_make(table.at + at, (size_t)(end - table.at) - (size_t)at)
               : span_make(NULL, 0);
}

/* --- segments ------------------------------------------------------------------------------ */

static bool segment(const struct image *m, size_t i, GElf_Phdr *out)
{
    size_t count = 0;
    return elf_getphdrnum(m->elf, &count) == 0 && i < count && i < SEGMENTS_MOST &&
           gelf_getphdr(m->elf, (int)i, out);
}

/* Where in the file an address is, and how many bytes of its segment follow. */
static bool place(const struct image *m, uint64_t address, uint64_t *at, uint64_t *rest)
{
    GElf_Phdr p;
    for (size_t i = 0; segment(m, i, &p); i++) {
        if (p.p_type != PT_LOAD || address < p.p_vaddr || address - p.p_vaddr >= p.p_filesz)
            continue;
        *at = p.p_offset + (address - p.p_vaddr);
        *rest = p.p_filesz - (address - p.p_vaddr);
        return *at >= p.p_offset && *at < m->size;
    }
    return false;
}

static Elf_Data *chunk_of(const struct image *m, uint64_t address, uint64_t len, Elf_Type type)
{
    uint64_t at, rest;
    if (!place(m, address, &at, &rest) || len > rest)
        return NULL;
    return chunk(m, at, len, TABLE_MOST, type);
}

static void take_segments(struct image *m)
{
    GElf_Phdr p;
    size_t i = 0;
    for (; segment(m, i, &p); i++) {
        if (p.p_type == PT_INTERP) {
            m->has_loader = true;
            m->loader = string_in(bytes(m, p.p_offset, p.p_filesz, LIMIT_PATH), 0);
            m->is_damaged |= !m->loader.at;
        } else if (p.p_type == PT_DYNAMIC && !m->has_dynamic) {
            m->has_dynamic = true;
            m->dynamic = chunk(m, p.p_offset, p.p_filesz, DYNAMIC_MOST, ELF_T_DYN);
            m->is_damaged |= !m->dynamic;
        }
    }
    /* The kernel takes no other size. */
    size_t size = m->bits == 64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    m->is_damaged |= i < m->header.e_phnum || (i && m->header.e_phentsize != size);
}

/* --- the dynamic section ------------------------------------------------------------------- */

bool image_dynamic(const struct image *m, size_t i, GElf_Dyn *out)
{
    return m->dynamic && i <= INT32_MAX && gelf_getdyn(m->dynamic, (int)i, out) &&
           out->d_tag != DT_NULL;
}

static bool dynamic_value(const struct image *m, int64_t tag, uint64_t *out)
{
    GElf_Dyn d;
    for (size_t i = 0; image_dynamic(m, i, &d); i++)
        if (d.d_tag == tag) {
            *out = d.d_un.d_val;
            return true;
        }
    return false;
}

static void take_strings(struct image *m)
{
    uint64_t address, len, at, rest;
    if (!m->dynamic || !dynamic_value(m, DT_STRTAB, &address) || !dynamic_value(m, DT_STRSZ, &len))
        return;
    if (place(m, address, &at, &rest))
        m->strings = bytes(m, at, len < rest ? len : rest, TABLE_MOST);
    m->is_damaged |= !m->strings.at;
}

struct span image_string(const struct image *m, uint64_t at)
{
    return string_in(m->strings, at);
}

/* --- symbols ------------------------------------------------------------------------------- */

static uint32_t word(const Elf_Data *d, size_t i)
{
    uint32_t value = 0;
    if (d && d->d_buf && (i + 1) * sizeof value <= d->d_size)
        memcpy(&value, (const char *)d->d_buf + i * sizeof value, sizeof value);
    return value;
}

/* DT_GNU_HASH tells the number only by the end of the chain that begins last. */
static size_t count_by_gnu_hash(const struct image *m, uint64_t address)
{
    enum { HEAD = 4, CHAIN = 4096 };
    const Elf_Data *head = chunk_of(m, address, HEAD * 4, ELF_T_WORD);
    uint64_t buckets = word(head, 0), first = word(head, 1), bloom = word(head, 2);
    uint64_t table = address + HEAD * 4 + bloom * (m->bits / 8);
    const Elf_Data *bucket = chunk_of(m, table, buckets * 4, ELF_T_WORD);
    uint64_t last = 0, at, rest;
    for (size_t i = 0; bucket && i < buckets; i++)
        last = word(bucket, i) > last ? word(bucket, i) : last;
    if (last < first) /* all are undefined */
        return first;
    if (!place(m, table + (buckets + last - first) * 4, &at, &rest))
        return last + 1;
    rest = rest < CHAIN * 4 ? rest & ~(uint64_t)3 : CHAIN * 4;
    const Elf_Data *chain = chunk(m, at, rest, TABLE_MOST, ELF_T_WORD);
    size_t i = 0;
    while (chain && i < rest / 4 && !(word(chain, i) & 1))
        i++;
    return last + i + 1;
}

/* The dynamic section does not say how many symbols there are; the hash tables do. */
static size_t count_symbols(const struct image *m, uint64_t table)
{
    uint64_t address;
    if (dynamic_value(m, DT_HASH, &address))
        return word(chunk_of(m, address, 8, ELF_T_WORD), 1);
    if (dynamic_value(m, DT_GNU_HASH, &address))
        return count_by_gnu_hash(m, address);
    /* By custom, the strings follow. */
    uint64_t size = m->bits == 64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    if (dynamic_value(m, DT_STRTAB, &address) && address > table)
        return (address - table) / size;
    return 0;
}

bool image_symbols(struct image *m, struct image_symbols *out)
{
    uint64_t address, at, rest;
    uint64_t size = m->bits == 64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    memset(out, 0, sizeof *out);
    if (!m->dynamic || !dynamic_value(m, DT_SYMTAB, &address))
        return false;
    uint64_t count = count_symbols(m, address);
    if (!place(m, address, &at, &rest)) {
        m->is_damaged = true;
        return false;
    }
    if (count > rest / size) {
        m->is_damaged = true;
        count = rest / size;
    }
    out->data = chunk(m, at, count * size, TABLE_MOST, ELF_T_SYM);
    out->strings = m->strings;
    out->count = out->data ? (size_t)count : 0;
    return out->count > 0;
}

bool image_symbol(const struct image_symbols *s, size_t i, GElf_Sym *out, struct span *name)
{
    if (i > INT32_MAX || !gelf_getsym(s->data, (int)i, out))
        return false;
    *name = string_in(s->strings, out->st_name);
    return name->at;
}

/* --- sections ------------------------------------------------------------------------------ */

static bool section_header(const struct image *m, size_t i, GElf_Shdr *out)
{
    size_t count = 0;
    if (elf_getshdrnum(m->elf, &count) != 0 || i >= count)
        return false;
    Elf_Scn *scn = elf_getscn(m->elf, i);
    return scn && gelf_getshdr(scn, out);
}

static void find_section_names(struct image *m)
{
    GElf_Shdr h;
    if (elf_getshdrstrndx(m->elf, &m->section_names) != 0 ||
        !section_header(m, m->section_names, &h) || h.sh_size > DYNAMIC_MOST * 16)
        m->section_names = 0;
}

bool image_section(struct image *m, size_t i, const char **name, struct image_symbols *out)
{
    GElf_Shdr h, strings;
    memset(out, 0, sizeof *out);
    if (!section_header(m, i, &h))
        return false;
    *name = m->section_names ? elf_strptr(m->elf, m->section_names, h.sh_name) : NULL;
    if (!*name)
        *name = "";
    uint64_t size = m->bits == 64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    if (h.sh_type != SHT_SYMTAB || m->has_symtab || !section_header(m, h.sh_link, &strings))
        return true;
    m->has_symtab = true;
    out->data = chunk(m, h.sh_offset, h.sh_size - h.sh_size % size, TABLE_MOST, ELF_T_SYM);
    out->strings = bytes(m, strings.sh_offset, strings.sh_size, TABLE_MOST);
    out->count = out->data && out->strings.at ? (size_t)(h.sh_size / size) : 0;
    return true;
}

/* --- the file ------------------------------------------------------------------------------ */

static bool open_elf(struct image *m)
{
    const char *ident = elf_getident(m->elf, NULL);
    if (elf_kind(m->elf) != ELF_K_ELF || !ident || !gelf_getehdr(m->elf, &m->header))
        return false;
    m->bits = gelf_getclass(m->elf) == ELFCLASS64 ? 64 : 32;
    m->order = (unsigned char)ident[EI_DATA];
    return m->header.e_type == ET_EXEC || m->header.e_type == ET_DYN;
}

bool image_open(struct image *m, int fd)
{
    struct stat st;
    memset(m, 0, sizeof *m);
    if (elf_version(EV_CURRENT) == EV_NONE || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    m->size = (uint64_t)st.st_size;
    /* Not mapped: a file that is cut meanwhile would end us with SIGBUS. */
    m->elf = elf_begin(fd, ELF_C_READ, NULL);
    if (!m->elf || !open_elf(m)) {
        image_close(m);
        return false;
    }
    take_segments(m);
    take_strings(m);
    find_section_names(m);
    return true;
}

void image_close(struct image *m)
{
    if (m->elf)
        elf_end(m->elf);
    m->elf = NULL;
}
