/* The tables of an ELF file as the dynamic loader finds them: through the program headers, which a
 * file cannot run without, and through the sections, which may be missing. Every length comes from
 * the file and is held against the file's size and a ceiling. */
#ifndef BELLHOP_CLI_DOCTOR_IMAGE_H
#define BELLHOP_CLI_DOCTOR_IMAGE_H

#include <gelf.h>
#include <stdint.h>

#include "base/span.h"

struct image {
    Elf *elf;
    uint64_t size; /* of the file */
    unsigned char bits, order;
    GElf_Ehdr header;
    bool has_loader, has_dynamic;
    bool has_symtab;     /* was handed out: a file has one */
    bool is_damaged;     /* something pointed outside */
    struct span loader;  /* what PT_INTERP names, or {NULL, 0} */
    struct span strings; /* DT_STRTAB */
    Elf_Data *dynamic;   /* or NULL */
    size_t section_names;
};

struct image_symbols {
    Elf_Data *data;
    struct span strings;
    size_t count;
};

/* False: no ELF file of a program or a library. Everything of it is valid until image_close; `fd`
 * must stay open until then. */
bool image_open(struct image *m, int fd);
void image_close(struct image *m);

/* The string at an offset of DT_STRTAB, with a NUL behind it; {NULL, 0}: there is none, or one of
 * 16 KB and more. */
struct span image_string(const struct image *m, uint64_t at);

/* The i-th entry of the dynamic section; false at its end. */
bool image_dynamic(const struct image *m, size_t i, GElf_Dyn *out);

/* The dynamic symbols; false: none. */
bool image_symbols(struct image *m, struct image_symbols *out);

/* The i-th section's name, and its symbols if it is the table of all symbols (else `count` is 0).
 * False: there are no more. */
bool image_section(struct image *m, size_t i, const char **name, struct image_symbols *out);

/* A symbol and its name, with a NUL behind it; false: it points outside, or is of 16 KB and more.
 */
bool image_symbol(const struct image_symbols *s, size_t i, GElf_Sym *out, struct span *name);

#endif
