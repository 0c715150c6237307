#include "cli/doctor_cache.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* glibc's dl-cache.h in numbers: the older format's head and entries, which may stand before, and
 * today's. Numbers are in the order of the machine that wrote them, which is this one. */
enum { OLD_HEAD = 16, OLD_ENTRY = 12, HEAD = 48, ENTRY = 24, ALIGN = 8, CACHE_MOST = 1 << 26 };
static const char old_magic[] = "ld.so-1.7.0";
static const char magic[] = "glibc-ld.so.cache1.1";

static uint32_t number(const struct cache *c, size_t at)
{
    uint32_t value = 0;
    if (at <= c->len && c->len - at >= sizeof value)
        memcpy(&value, c->at + at, sizeof value);
    return value;
}

static bool begins(const struct cache *c, size_t at, const char *with)
{
    size_t len = strlen(with);
    return at <= c->len && c->len - at >= len && memcmp(c->at + at, with, len) == 0;
}

static char *read_file(const char *path, size_t *len)
{
    struct stat st;
    char *text = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        st.st_size <= CACHE_MOST && (text = malloc((size_t)st.st_size))) {
        ssize_t got = pread(fd, text, (size_t)st.st_size, 0);
        *len = got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0)
        close(fd);
    return text;
}

void cache_load(struct cache *c, const char *path)
{
    memset(c, 0, sizeof *c);
    c->at = read_file(path, &c->len);
    if (!c->at)
        return;
    if (begins(c, 0, old_magic))
        c->head = (OLD_HEAD + (size_t)number(c, OLD_HEAD - 4) * OLD_ENTRY + ALIGN - 1) &
                  ~(size_t)(ALIGN - 1);
    if (!begins(c, c->head, magic))
        return;
    size_t room = c->len - c->head < HEAD ? 0 : (c->len - c->head - HEAD) / ENTRY;
    c->count = number(c, c->head + strlen(magic));
    if (c->count > room)
        c->count = room;
}

void cache_free(struct cache *c)
{
    free(c->at);
    memset(c, 0, sizeof *c);
}

/* Offsets of strings are from the head on. */
static const char *string_at(const struct cache *c, uint32_t offset)
{
    size_t at = c->head + offset;
    return at < c->len && memchr(c->at + at, 0, c->len - at) ? c->at + at : NULL;
}

const char *cache_next(const struct cache *c, const char *name, size_t *at)
{
    while (*at < c->count) {
        size_t entry = c->head + HEAD + ENTRY * (*at)++;
        const char *key = string_at(c, number(c, entry + 4));
        const char *path = string_at(c, number(c, entry + 8));
        if (key && path && strcmp(key, name) == 0)
            return path;
    }
    return NULL;
}
