/* bellhop/baggage.h: look into the baggage that travels with this program's requests, or add to it.
 *
 * bellhop carries W3C Baggage through programs that know nothing of it. A program that wants to
 * know includes this header and nothing else: it links no library. Under the shim (LD_PRELOAD) the
 * calls work; without it the program links and runs as well, and every call finds nothing.
 *
 * Words: a *member* is a key, a value and optional properties (W3C Baggage section 3.2); a
 * `struct bellhop_baggage` is an immutable ordered list of members, counted by reference: who got
 * one from a function here calls bellhop_release() once. It may be shared between threads.
 *
 * Units and limits: lengths are bytes, without a terminating NUL. A list holds at most
 * BELLHOP_MEMBERS_MAX members and BELLHOP_BYTES_MAX bytes as sent (section 3.3.2). Keys are tokens
 * and case-sensitive; values are any bytes, percent-encoded when they leave (section 3.3.1).
 *
 * Errors: functions that return `int` or `long` give a negative errno value: -ENOSYS without the
 * shim, -EINVAL for a key or metadata that cannot be sent, -E2BIG beyond a limit, -ENOENT where
 * there is no such member, -ENOMEM. Functions that return a pointer give NULL for "none" and for
 * "no memory". No function prints, exits, or changes errno.
 *
 * Threads and signals: the current baggage is the calling thread's. None of this may be called from
 * a signal handler. */
#ifndef BELLHOP_BAGGAGE_H
#define BELLHOP_BAGGAGE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BELLHOP_MEMBERS_MAX 64
#define BELLHOP_BYTES_MAX   8192
#define BELLHOP_API_VERSION 1

struct bellhop_baggage;

/* One member, as views into the list that it was taken from; valid as long as that list is held.
 * The value is raw (percent-encoded, as it is sent), the metadata as well: properties joined by
 * ';', empty if there are none. */
struct bellhop_member {
    const char *key;
    size_t key_len;
    const char *value;
    size_t value_len;
    const char *metadata;
    size_t metadata_len;
};

/* What bellhop_attach replaced; belongs to the caller until it is given to bellhop_detach. */
struct bellhop_token {
    struct bellhop_baggage *previous;
};

/* The functions of the shim. Programs use the wrappers below. Later versions only append. */
struct bellhop_api {
    size_t size; /* of this struct, in the shim that runs */
    struct bellhop_baggage *(*parse)(const char *field, size_t len);
    size_t (*format)(const struct bellhop_baggage *b, char *out, size_t max);
    size_t (*count)(const struct bellhop_baggage *b);
    bool (*at)(const struct bellhop_baggage *b, size_t i, struct bellhop_member *out);
    long (*value)(const struct bellhop_baggage *b, const char *key, char *out, size_t max);
    struct bellhop_baggage *(*with)(const struct bellhop_baggage *b, const char *key,
                                    const char *value, size_t value_len, const char *metadata);
    struct bellhop_baggage *(*without)(const struct bellhop_baggage *b, const char *key);
    struct bellhop_baggage *(*merge)(const struct bellhop_baggage *strong,
                                     const struct bellhop_baggage *weak);
    struct bellhop_baggage *(*hold)(struct bellhop_baggage *b);
    void (*release)(struct bellhop_baggage *b);
    struct bellhop_baggage *(*current)(void);
    int (*attach)(struct bellhop_baggage *b, struct bellhop_token *token);
    void (*detach)(struct bellhop_token *token);
    int (*set)(const char *key, const char *value, size_t value_len, const char *metadata);
    int (*remove)(const char *key);
    int (*clear)(void);
};

/* Exported by the shim; programs find it by name. NULL: this version is not offered. */
extern const struct bellhop_api *bellhop_api(unsigned version);

/* Found at run time, so that a program needs no library and no linker option. Where the C library
 * itself offers no dlsym (a static program, an old libc without -ldl) there is no shim either. */
extern void *bellhop_dlsym_(void *handle, const char *name) __asm__("dlsym") __attribute__((weak));

static inline const struct bellhop_api *bellhop_api_find(void)
{
    static const struct bellhop_api *found;
    static int looked;
    if (!__atomic_load_n(&looked, __ATOMIC_ACQUIRE)) {
        const struct bellhop_api *(*get)(unsigned version) = NULL;
        if (bellhop_dlsym_)
            *(void **)&get = bellhop_dlsym_((void *)0, "bellhop_api");
        __atomic_store_n(&found, get ? get(BELLHOP_API_VERSION) : NULL, __ATOMIC_RELAXED);
        __atomic_store_n(&looked, 1, __ATOMIC_RELEASE);
    }
    return __atomic_load_n(&found, __ATOMIC_RELAXED);
}

/* True if the shim runs in this process. */
static inline bool bellhop_present(void)
{
    return bellhop_api_find() != NULL;
}

/* --- lists ------------------------------------------------------------------------------------ */

/* The members of one header field value (section 3.3). Malformed members are left out, the rest is
 * kept; an empty list is a list. Owned by the caller. NULL: no memory, or no shim. */
static inline struct bellhop_baggage *bellhop_parse(const char *field, size_t len)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api ? api->parse(field, len) : NULL;
}

/* Writes the field value that stands for the list, and returns its length; when that is more than
 * `max`, nothing is written. No NUL is added. NULL is the empty list. */
static inline size_t bellhop_format(const struct bellhop_baggage *b, char *out, size_t max)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api ? api->format(b, out, max) : 0;
}

static inline size_t bellhop_count(const struct bellhop_baggage *b)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api ? api->count(b) : 0;
}

/* Iterates: member `i`, from 0, in order. False when there are no more. */
static inline bool bellhop_at(const struct bellhop_baggage *b, size_t i, struct bellhop_member *out)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api && api->at(b, i, out);
}

/* The decoded value of the last member with this key. Returns its length, of which the first `max`
 * bytes were written; it may hold any byte. -ENOENT: none. */
static inline long bellhop_value(const struct bellhop_baggage *b, const char *key, char *out,
                                 size_t max)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api ? api->value(b, key, out, max) : -ENOSYS;
}

/* A new list: `b` (or NULL) with this member set, in the place of all with its key, else at the
 * end. `value` is plain text; `metadata` is properties in header syntax, or NULL. NULL: it cannot
 * be sent, a limit, or no memory. */
static inline struct bellhop_baggage *bellhop_with(const struct bellhop_baggage *b, const char *key,
                                                   const char *value, size_t value_len,
                                                   const char *metadata)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api ? api->with(b, key, value, value_len, metadata) : NULL;
}

/* A new list: `b` without the members of this key. */
static inline struct bellhop_baggage *bellhop_without(const struct bellhop_baggage *b,
                                                      const char *key)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api ? api->without(b, key) : NULL;
}

/* A new list: the members of `weak` whose keys are not in `strong`, then those of `strong`. Beyond
 * a limit, members of `strong` are kept first. */
static inline struct bellhop_baggage *bellhop_merge(const struct bellhop_baggage *strong,
                                                    const struct bellhop_baggage *weak)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api ? api->merge(strong, weak) : NULL;
}

/* One more reference; returns `b`. NULL is fine. */
static inline struct bellhop_baggage *bellhop_hold(struct bellhop_baggage *b)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api ? api->hold(b) : NULL;
}

/* One reference less. NULL is fine. */
static inline void bellhop_release(struct bellhop_baggage *b)
{
    const struct bellhop_api *api = bellhop_api_find();
    if (api)
        api->release(b);
}

/* --- the current baggage of the calling thread --------------------------------------------------
 */

/* All that would go out with a request that this thread makes now, before policy looks at the host:
 * what settings add, what was attached, what came in, what the environment holds. The caller
 * releases it. NULL: nothing. */
static inline struct bellhop_baggage *bellhop_current(void)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api ? api->current() : NULL;
}

/* Makes `b` the program's own baggage of this thread, over what came in and what the environment
 * holds: key by key, `b` wins. Replaces what was attached before, and gives that to `token`. `b` is
 * held by the shim. */
static inline int bellhop_attach(struct bellhop_baggage *b, struct bellhop_token *token)
{
    const struct bellhop_api *api = bellhop_api_find();
    if (api)
        return api->attach(b, token);
    token->previous = NULL;
    return -ENOSYS;
}

/* Undoes the attach that filled this token, on the same thread. A second call undoes nothing. */
static inline void bellhop_detach(struct bellhop_token *token)
{
    const struct bellhop_api *api = bellhop_api_find();
    if (api)
        api->detach(token);
}

/* The decoded value of a member of the current baggage; returns as bellhop_value. */
static inline long bellhop_get(const char *key, char *out, size_t max)
{
    struct bellhop_baggage *b = bellhop_current();
    long len = bellhop_present() ? bellhop_value(b, key, out, max) : -ENOSYS;
    bellhop_release(b);
    return len;
}

/* Sets one member of what is attached to this thread (attaching an empty list first if need be).
 * `value_len` bytes of plain text; `metadata` in header syntax, or NULL. */
static inline int bellhop_set(const char *key, const char *value, size_t value_len,
                              const char *metadata)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api ? api->set(key, value, value_len, metadata) : -ENOSYS;
}

/* Takes the member out of this thread's current baggage, wherever it came from, but for what policy
 * sets. 0 as well when there was none. */
static inline int bellhop_remove(const char *key)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api ? api->remove(key) : -ENOSYS;
}

/* Takes everything out of this thread's current baggage, but for what policy sets. */
static inline int bellhop_clear(void)
{
    const struct bellhop_api *api = bellhop_api_find();
    return api ? api->clear() : -ENOSYS;
}

#ifdef __cplusplus
}
#endif

#endif
