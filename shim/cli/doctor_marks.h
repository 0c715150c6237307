/* Marks: what in a file tells that it, or a library of it, does something that hooks meet or miss:
 * TLS of its own, a runtime, a sanitizer. */
#ifndef BELLHOP_CLI_DOCTOR_MARKS_H
#define BELLHOP_CLI_DOCTOR_MARKS_H

#include "base/span.h"

enum { MARKS_MOST = 48 };

enum mark_kind { MARK_TLS, MARK_RUNTIME, MARK_CALLS, MARK_PROTOCOL, MARK_SANITIZER, MARK_SANDBOX };

/* How sure a mark is: text that others may have as well; text that hardly anyone else has; a name
 * or a section. */
enum evidence { EVIDENCE_NONE, EVIDENCE_POSSIBLE, EVIDENCE_LIKELY, EVIDENCE_CERTAIN };

/* LOSS_ALL: nothing of the program can be reached. */
enum mark_loss { LOSS_NONE, LOSS_PART, LOSS_ALL };

struct mark {
    const char *id, *title;
    enum mark_kind kind;
    enum mark_loss loss;
    enum evidence text; /* how much a text is worth */
    const char *unless; /* ids of marks that explain this one, where they are in the same file */
    /* Lists with spaces between: how the names of libraries begin, of symbols (+ defined there,
     * not only used; = the whole name), and the names of sections. */
    const char *libraries, *symbols, *sections;
    const char *texts[3];
    const char *lost; /* what follows "not carried: "; NULL: nothing */
    const char *todo; /* what follows "do: " */
    const char *note;
};

size_t marks_count(void);
const struct mark *mark_at(size_t i);

/* The mark of that id; MARKS_MOST if there is none. */
size_t mark_find(const char *id);

/* These raise what is known of a file, an array of MARKS_MOST. */
void marks_library(unsigned char *evidence, const char *name);
void marks_symbol(unsigned char *evidence, const char *name, bool is_defined);
void marks_section(unsigned char *evidence, const char *name);

/* Looks for texts in the first `most` bytes of a file; returns how many were read. */
size_t marks_texts(unsigned char *evidence, int fd, size_t most);

/* Takes away marks that others explain. */
void marks_settle(unsigned char *evidence);

const char *evidence_word(enum evidence e);
const char *mark_kind_word(enum mark_kind kind);

/* True if `name` begins with one of the words of `list`, which are separated by spaces. */
bool begins_with_any(const char *name, const char *list);

#endif
