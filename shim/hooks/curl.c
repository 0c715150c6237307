/* libcurl: every way in which a transfer starts and ends. The prototypes are libcurl's stable ABI,
 * with int for its enums, so that no header of it is needed. */
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/ptrmap.h"
#include "carrier/claim.h"
#include "carrier/easy.h"
#include "control/attach.h"
#include "hooks/curl_abi.h"
#include "hooks/hooks.h"
#include "hooks/real.h"
#include "hooks/sites.h"

#define MULTI_INTERNAL_ERROR 4
#define OPTIONS_OFF_T        30000 /* options from here to OPTIONS_BLOB take a 64-bit number */
#define OPTIONS_BLOB         40000

/* One libcurl of this process; there may be several. */
struct curl_lib {
    struct easy_calls calls; /* first: easy_calls() of a handle leads here */
    void *(*init)(void);
    int (*perform)(void *);
    void *(*duphandle)(void *);
    void (*reset)(void *);
    void (*cleanup)(void *);
    int (*multi_add)(void *, void *);
    int (*multi_remove)(void *, void *);
    int (*multi_perform)(void *, int *);
    int (*multi_socket_action)(void *, int, int, int *);
    int (*multi_socket)(void *, int, int *);
    int (*multi_socket_all)(void *, int *);
};

static struct ptrmap handles; /* CURL * to struct easy */

/* libcurl's callback; `data` is the handle. A handle that was copied behind our back finds nothing,
 * or the state of the one that it was copied from. */
static int on_prereq(void *data, char *peer, char *local, int peer_port, int local_port)
{
    struct easy *e = ptrmap_get(&handles, data);
    return e ? easy_prereq(e, peer, local, peer_port, local_port) : 0;
}

/* --- which libcurl ---------------------------------------------------------------------------- */

/* Fills in a copy with what `find` finds from an address. */
static bool lib_fill(struct curl_lib *lib, const void *from, real_finder *find)
{
    const struct wanted wanted[] = {
        { "curl_easy_init", &lib->init, true },
        { "curl_easy_setopt", &lib->calls.setopt, true },
        { "curl_easy_perform", &lib->perform, true },
        { "curl_easy_duphandle", &lib->duphandle, true },
        { "curl_easy_reset", &lib->reset, true },
        { "curl_easy_cleanup", &lib->cleanup, true },
        { "curl_multi_add_handle", &lib->multi_add, true },
        { "curl_multi_remove_handle", &lib->multi_remove, true },
        { "curl_multi_perform", &lib->multi_perform, true },
        { "curl_multi_socket_action", &lib->multi_socket_action, false },
        { "curl_multi_socket", &lib->multi_socket, false },
        { "curl_multi_socket_all", &lib->multi_socket_all, false },
    };
    if (!sites_find(wanted, sizeof wanted / sizeof *wanted, from, find))
        return false;
    const void *init = *(void **)&lib->init;
    *(void **)&lib->calls.getinfo = real_beside(init, "curl_easy_getinfo");
    *(void **)&lib->calls.url_get = real_beside(init, "curl_url_get");
    *(void **)&lib->calls.free = real_beside(init, "curl_free");
    lib->calls.prereq = on_prereq;
    return lib->calls.getinfo != NULL;
}

static bool lib_load(void *copy, const void *caller)
{
    return lib_fill(copy, caller, real_for);
}

static struct curl_lib slots[COPIES_MAX];
static struct copies copies = {
    .family = FAMILY_curl, .size = sizeof *slots, .slots = (char *)slots, .load = lib_load
};

/* The libcurl that a call from this address would reach without us; NULL: none. */
static const struct curl_lib *lib_of(const void *caller)
{
    return sites_copy(&copies, caller);
}

/* That of a handle; `e` may be NULL. */
static const struct curl_lib *lib_for(const struct easy *e, const void *caller)
{
    return e ? (const struct curl_lib *)(const void *)easy_calls(e) : lib_of(caller);
}

/* --- hooks ------------------------------------------------------------------------------------ */

static void handle_forget(void *handle)
{
    easy_free(ptrmap_take(&handles, handle));
}

static struct easy *handle_know(const struct curl_lib *lib, void *handle)
{
    struct easy *e;
    handle_forget(handle);
    if (!hooks_ready() || !(e = easy_new(&lib->calls, handle)))
        return NULL;
    if (ptrmap_put(&handles, handle, e))
        return e;
    easy_free(e);
    return NULL;
}

/* libcurl makes handles of its own (DNS over HTTPS, server push), and ends them without us. */
static bool is_internal(const struct curl_lib *lib, const void *caller)
{
    return real_same_object(caller, *(void *const *)&lib->init);
}

EXPORT void *curl_easy_init(void)
{
    const struct curl_lib *lib = lib_of(CALLER());
    void *handle = lib ? lib->init() : NULL;
    if (handle && is_internal(lib, CALLER()))
        handle_forget(handle);
    else if (handle)
        handle_know(lib, handle);
    return handle;
}

EXPORT int curl_easy_setopt(void *handle, int option, ...)
{
    struct easy *e = ptrmap_get(&handles, handle);
    const struct curl_lib *lib = lib_for(e, CALLER());
    va_list args;
    int result = CURL_OK;
    if (!lib)
        return CURL_FAILED_INIT;
    va_start(args, option);
    if (option >= OPTIONS_OFF_T && option < OPTIONS_BLOB) {
        result = lib->calls.setopt(handle, option, va_arg(args, int64_t));
    } else {
        void *value = va_arg(args, void *);
        if (!e || easy_note(e, option, value))
            result = lib->calls.setopt(handle, option, value);
    }
    va_end(args);
    return result;
}

/* curl_easy_perform drives a multi handle of its own, in many steps. */
static _Thread_local int performing;

EXPORT int curl_easy_perform(void *handle)
{
    struct easy *e = ptrmap_get(&handles, handle);
    const struct curl_lib *lib = lib_for(e, CALLER());
    if (!lib)
        return CURL_FAILED_INIT;
    if (!e)
        return lib->perform(handle);
    control_renew();
    easy_begin(e, whose_now(process_worker()));
    performing++;
    int result = lib->perform(handle);
    performing--;
    claim_drop();
    easy_end(e);
    return result;
}

EXPORT void *curl_easy_duphandle(void *handle)
{
    struct easy *e = ptrmap_get(&handles, handle), *copied;
    const struct curl_lib *lib = lib_for(e, CALLER());
    void *copy = lib ? lib->duphandle(handle) : NULL;
    if (e && copy && !is_internal(lib, CALLER()) && (copied = handle_know(lib, copy)))
        easy_copied(e, copied);
    else if (e && copy)
        easy_strip(e, copy);
    return copy;
}

EXPORT void curl_easy_reset(void *handle)
{
    struct easy *e = ptrmap_get(&handles, handle);
    const struct curl_lib *lib = lib_for(e, CALLER());
    if (lib)
        lib->reset(handle);
    if (e)
        easy_forget(e);
}

EXPORT void curl_easy_cleanup(void *handle)
{
    struct easy *e = ptrmap_take(&handles, handle);
    const struct curl_lib *lib = lib_for(e, CALLER());
    if (e)
        easy_end(e);
    if (lib)
        lib->cleanup(handle);
    easy_free(e);
}

EXPORT int curl_multi_add_handle(void *multi, void *handle)
{
    struct easy *e = ptrmap_get(&handles, handle);
    const struct curl_lib *lib = lib_for(e, CALLER());
    if (!lib)
        return MULTI_INTERNAL_ERROR;
    int result = lib->multi_add(multi, handle);
    if (e && result == 0)
        easy_begin(e, whose_now(process_worker()));
    return result;
}

EXPORT int curl_multi_remove_handle(void *multi, void *handle)
{
    struct easy *e = ptrmap_get(&handles, handle);
    const struct curl_lib *lib = lib_for(e, CALLER());
    if (!lib)
        return MULTI_INTERNAL_ERROR;
    int result = lib->multi_remove(multi, handle);
    if (e && result == 0)
        easy_end(e);
    return result;
}

/* Driving: a claim that no request of this call used must not meet a later one. */
static int driven(int result)
{
    if (!performing)
        claim_drop();
    return result;
}

EXPORT int curl_multi_perform(void *multi, int *running)
{
    const struct curl_lib *lib = lib_of(CALLER());
    return lib && lib->multi_perform ? driven(lib->multi_perform(multi, running))
                                     : MULTI_INTERNAL_ERROR;
}

EXPORT int curl_multi_socket_action(void *multi, int fd, int events, int *running)
{
    const struct curl_lib *lib = lib_of(CALLER());
    return lib && lib->multi_socket_action
               ? driven(lib->multi_socket_action(multi, fd, events, running))
               : MULTI_INTERNAL_ERROR;
}

EXPORT int curl_multi_socket(void *multi, int fd, int *running)
{
    const struct curl_lib *lib = lib_of(CALLER());
    return lib && lib->multi_socket ? driven(lib->multi_socket(multi, fd, running))
                                    : MULTI_INTERNAL_ERROR;
}

EXPORT int curl_multi_socket_all(void *multi, int *running)
{
    const struct curl_lib *lib = lib_of(CALLER());
    return lib && lib->multi_socket_all ? driven(lib->multi_socket_all(multi, running))
                                        : MULTI_INTERNAL_ERROR;
}

/* --- copies that only dlsym tells apart ---------------------------------------------------------
 */

/* Which copy a call means is told by its handle; only curl_easy_init has none, so it has an entry
 * for each of these copies. */
#define SECONDS 4
static _Atomic(const struct curl_lib *) seconds[SECONDS];

static void *init_second(unsigned which)
{
    const struct curl_lib *lib = atomic_load(&seconds[which]);
    void *handle = lib->init();
    if (handle && !handle_know(lib, handle)) { /* nobody could tell whose it is */
        lib->cleanup(handle);
        return NULL;
    }
    return handle;
}

static void *init_second_0(void)
{
    return init_second(0);
}

static void *init_second_1(void)
{
    return init_second(1);
}

static void *init_second_2(void)
{
    return init_second(2);
}

static void *init_second_3(void)
{
    return init_second(3);
}

static int second_of(const struct curl_lib *lib)
{
    for (int i = 0; i < SECONDS; i++) {
        const struct curl_lib *none = NULL;
        if (atomic_compare_exchange_strong(&seconds[i], &none, lib) || none == lib)
            return i;
    }
    return -1;
}

void *hooks_second_curl(const char *name, const void *definition)
{
    static void *(*const inits[SECONDS])(void) = { init_second_0, init_second_1, init_second_2,
                                                   init_second_3 };
    struct curl_lib lib = { .init = NULL };
    bool by_handle = strncmp(name, "curl_easy_", 10) == 0 ||
                     strcmp(name, "curl_multi_add_handle") == 0 ||
                     strcmp(name, "curl_multi_remove_handle") == 0;
    if (!by_handle || !lib_fill(&lib, definition, real_beside))
        return NULL;
    const struct curl_lib *kept = sites_keep(&copies, &lib);
    int which = kept ? second_of(kept) : -1;
    if (which < 0)
        return NULL;
    if (strcmp(name, "curl_easy_init") == 0)
        return (void *)(uintptr_t)inits[which];
    return real_optional_hook(name);
}
