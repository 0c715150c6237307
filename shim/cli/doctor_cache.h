/* /etc/ld.so.cache: which libraries the loader knows by name. */
#ifndef BELLHOP_CLI_DOCTOR_CACHE_H
#define BELLHOP_CLI_DOCTOR_CACHE_H

#include <stddef.h>

struct cache {
    char *at; /* the file; NULL: there is none */
    size_t len;
    size_t head;  /* where the part of today's format begins */
    size_t count; /* its entries */
};

/* Reads the file; an empty cache if it is not there or not what it should be. */
void cache_load(struct cache *c, const char *path);
void cache_free(struct cache *c);

/* The path of the next entry for `name` from the entry *at on, which moves behind it; NULL: no
 * more. Valid until cache_free. Entries for other machines are among them. */
const char *cache_next(const struct cache *c, const char *name, size_t *at);

#endif
