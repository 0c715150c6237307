/* Sentences that are collected before they are printed. */
#ifndef BELLHOP_CLI_DOCTOR_LINES_H
#define BELLHOP_CLI_DOCTOR_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
    char **at;
    size_t count;
};

/* Adds a line, unless it is there already or there is no memory. */
void lines_add(struct lines *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "a, b, c and 4 more": at most `most` of them. The caller frees; "" for none, NULL: no memory. */
char *lines_join(const struct lines *l, size_t most);

void lines_free(struct lines *l);

#endif
