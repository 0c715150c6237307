/* One ELF file: what the dynamic loader reads in it, which hooks it uses, and its marks. Any bytes
 * may be in the file. */
#ifndef BELLHOP_CLI_DOCTOR_OBJECT_H
#define BELLHOP_CLI_DOCTOR_OBJECT_H

#include <stdint.h>

#include "cli/doctor_hooks.h"
#include "cli/doctor_marks.h"

enum object_state {
    OBJECT_READ,
    OBJECT_MISSING,    /* no such library was found */
    OBJECT_UNREADABLE, /* it is there, and may not be read */
    OBJECT_FOREIGN,    /* no ELF file that can be run or loaded */
    OBJECT_DAMAGED     /* its tables point outside of it; what could be read is here */
};

struct object {
    enum object_state state;
    char *name;       /* as it was asked for */
    char *path;       /* NULL: it was not found */
    char *soname;     /* NULL: none */
    size_t parent;    /* which object of the set needs it; itself: none does */
    bool at_run_time; /* the program loads it itself */
    bool is_deleted;  /* mapped, and no longer the file of that name */

    unsigned char bits, order; /* 32 or 64; ELFDATA2LSB or ELFDATA2MSB */
    uint16_t machine;
    bool has_loader, has_dynamic, is_shared; /* PT_INTERP, PT_DYNAMIC, ET_DYN */
    bool no_default_path;                    /* DF_1_NODEFLIB */
    char *loader, *rpath, *runpath;          /* NULL: none */
    char **needed;
    size_t needed_count;

    bool imports[HOOKS], defines[HOOKS];
    unsigned char evidence[MARKS_MOST]; /* enum evidence */
};

/* What a file that cannot be looked at is called. */
const char *object_state_word(enum object_state state);

/* Reads the open file into `o`, which was zeroed but for its names; false: `state` says why not all
 * is there. What it holds is freed by object_free. `fd` stays open. */
bool object_read(struct object *o, int fd);

/* Looks for texts as well, and settles the marks. */
void object_mark(struct object *o, int fd);

/* True if a sanitizer is linked in. It defines functions that bellhop stands before, and passes on
 * to bellhop: they count as called. */
bool object_is_sanitized(const struct object *o);

/* Frees what `o` holds, not itself. */
void object_free(struct object *o);

/* The last part of what the object is called: its soname, else the file's name. Never NULL. */
const char *object_name(const struct object *o);

/* The C library that its loader belongs to, "glibc"; "unknown libc" if its loader is none that is
 * known, or it has none. */
const char *object_libc(const struct object *o);

/* The kind of machine, "x86-64", or a number that stays valid until the next call. */
const char *machine_name(uint16_t machine);

#endif
