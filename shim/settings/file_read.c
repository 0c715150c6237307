/* Files that settings name, and the settings file itself. */
#include "settings/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is left of the file, up to `max` bytes. The size that stat tells is no promise: a file may
 * grow, and those of procfs have none. Negative: errno. */
static ssize_t read_all(int fd, char *to, size_t max)
{
    size_t len = 0;
    ssize_t got = 1;
    while (got > 0 && len < max) {
        got = read(fd, to + len, max - len);
        len += got > 0 ? (size_t)got : 0;
    }
    return got < 0 ? -1 : (ssize_t)len;
}

/* True, or false with *why written. */
static bool read_open(int fd, size_t max, char **at, size_t *len, char why[FILE_WHY])
{
    struct stat st;
    ssize_t got = 0;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        snprintf(why, FILE_WHY, "this is no regular file");
    else if (!(*at = malloc(max + 3)))
        snprintf(why, FILE_WHY, "out of memory");
    else if ((got = read_all(fd, *at, max + 1)) < 0)
        snprintf(why, FILE_WHY, "cannot be read: %m");
    else if ((size_t)got > max)
        snprintf(why, FILE_WHY, "the file is longer than %zu bytes", max);
    else
        why[0] = 0;
    *len = (size_t)got;
    return why[0] == 0;
}

char *file_read(const char *path, size_t max, size_t *len, char why[FILE_WHY])
{
    char *at = NULL;
    /* Without O_NONBLOCK, a FIFO would stop the program until somebody writes to it. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        snprintf(why, FILE_WHY, "cannot be opened: %m");
        return NULL;
    }
    bool good = read_open(fd, max, &at, len, why);
    close(fd);
    if (!good) {
        free(at);
        return NULL;
    }
    memcpy(at + *len, "\n", 2); /* libconfig refuses a last line that is a comment without it */
    return at;
}
