/* The few facts of an ELF file that decide about preloading. */
#ifndef BELLHOP_CLI_ELF_FILE_H
#define BELLHOP_CLI_ELF_FILE_H

#include <stdint.h>

#include "base/limits.h"
#include "base/span.h"

struct elf_file {
    unsigned char bits;  /* 32 or 64 */
    unsigned char order; /* ELFDATA2LSB or ELFDATA2MSB */
    uint16_t machine;
    bool is_dynamic;         /* has a PT_INTERP */
    char loader[LIMIT_PATH]; /* what it names; "" if none, or one that cannot be */
};

/* False: no ELF file, or a broken one. */
bool elf_read(int fd, struct elf_file *out);

#endif
