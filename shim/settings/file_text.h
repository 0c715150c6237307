/* Files of text, for who reads settings. */
#ifndef BELLHOP_SETTINGS_FILE_TEXT_H
#define BELLHOP_SETTINGS_FILE_TEXT_H

#include <stddef.h>

/* Reads a regular file of at most `max` bytes: all of it, a newline and a NUL; the caller frees.
 * NULL: `why` says it. */
enum { FILE_WHY = 128 };
char *file_read(const char *path, size_t max, size_t *len, char why[FILE_WHY]);

#endif
