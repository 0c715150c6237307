#include "cli/elf_file.h"

#include <elf.h>
#include <endian.h>
#include <unistd.h>

/* Any ELF file is read, whatever machine it is for. Offsets come from the file: pread beyond its
 * end reads nothing, and nothing else is done with them. */
struct reader {
    int fd;
    bool is_64;
    bool swap;
};

static uint64_t in_order(const struct reader *r, uint64_t value, size_t size)
{
    if (!r->swap)
        return value;
    return size == 2   ? __builtin_bswap16((uint16_t)value)
           : size == 4 ? __builtin_bswap32((uint32_t)value)
                       : __builtin_bswap64(value);
}

#define FIELD(r, header, name)                                                                     \
    ((r)->is_64 ? in_order(r, (header)->h64.name, sizeof(header)->h64.name)                        \
                : in_order(r, (header)->h32.name, sizeof(header)->h32.name))

union file_header {
    Elf32_Ehdr h32;
    Elf64_Ehdr h64;
};

union program_header {
    Elf32_Phdr h32;
    Elf64_Phdr h64;
};

static bool read_at(int fd, void *to, size_t len, uint64_t at)
{
    return at <= INT64_MAX && pread(fd, to, len, (off_t)at) == (ssize_t)len;
}

static bool read_file_header(struct reader *r, union file_header *h, struct elf_file *out)
{
    unsigned char ident[EI_NIDENT];
    if (!read_at(r->fd, ident, sizeof ident, 0) || memcmp(ident, ELFMAG, SELFMAG) != 0 ||
        (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64) ||
        (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB))
        return false;
    r->is_64 = ident[EI_CLASS] == ELFCLASS64;
    r->swap = (ident[EI_DATA] == ELFDATA2MSB) != (__BYTE_ORDER == __BIG_ENDIAN);
    if (!read_at(r->fd, h, r->is_64 ? sizeof h->h64 : sizeof h->h32, 0))
        return false;
    out->bits = r->is_64 ? 64 : 32;
    out->order = ident[EI_DATA];
    out->machine = (uint16_t)FIELD(r, h, e_machine);
    uint64_t type = FIELD(r, h, e_type);
    return type == ET_EXEC || type == ET_DYN;
}

static void read_loader(const struct reader *r, uint64_t at, uint64_t len, struct elf_file *out)
{
    out->is_dynamic = true;
    if (len < 2 || len > sizeof out->loader || !read_at(r->fd, out->loader, (size_t)len, at))
        len = 1;
    out->loader[len - 1] = 0;
}

bool elf_read(int fd, struct elf_file *out)
{
    struct reader r = { .fd = fd };
    union file_header h;
    memset(out, 0, sizeof *out);
    if (!read_file_header(&r, &h, out))
        return false;
    uint64_t at = FIELD(&r, &h, e_phoff), count = FIELD(&r, &h, e_phnum);
    uint64_t size = FIELD(&r, &h, e_phentsize);
    for (uint64_t i = 0; i < count; i++) {
        union program_header p;
        size_t need = r.is_64 ? sizeof p.h64 : sizeof p.h32;
        /* The kernel takes no other size. */
        if (size != need || !read_at(fd, &p, need, at + i * size))
            return false;
        if (FIELD(&r, &p, p_type) == PT_INTERP) {
            read_loader(&r, FIELD(&r, &p, p_offset), FIELD(&r, &p, p_filesz), out);
            return true;
        }
    }
    return true;
}
