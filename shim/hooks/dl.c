/* dlsym and dlopen. Both read their return address to learn who calls, so whatever goes to the real
 * ones goes by a tail call, which leaves that address in place. */
#include <dlfcn.h>
#include <stdatomic.h>

#include "hooks/hooks.h"
#include "hooks/real.h"

/* What a program gets that asks for a function of an optional library. */
static void *optional_symbol(void *handle, const char *name, const void *caller)
{
    void *hook = real_optional_hook(name);
    if (handle == RTLD_DEFAULT)
        return real_for(caller, name) ? hook : real_next(name);
    void *found = real_dlsym()(handle, name);
    if (!found || !hooks_ready())
        return found;
    if (!real_is_ours(found) && !real_adopt(found, name)) {
        void *entry = hooks_second_curl(name, found);
        return entry ? entry : found;
    }
    return real_is_ours(found) && !real_for(caller, name) ? real_next(name) : hook;
}

EXPORT void *dlsym(void *restrict handle, const char *restrict name)
{
    dlsym_fn *real = real_dlsym();
    if (!real)
        return NULL;
    if (handle != RTLD_NEXT && real_optional_hook(name))
        return optional_symbol(handle, name, CALLER());
    return real(handle, name);
}

/* A library with a scope of its own would reach the real functions without us. */
EXPORT void *dlopen(const char *file, int mode)
{
    dlopen_fn *real = real_dlopen();
    if (!real)
        return NULL;
    return real(file, hooks_ready() ? mode & ~RTLD_DEEPBIND : mode);
}

EXPORT int dlclose(void *handle)
{
    static _Atomic(void *) known;
    void *real = atomic_load_explicit(&known, memory_order_acquire);
    if (!real) {
        real = real_next("dlclose");
        atomic_store_explicit(&known, real, memory_order_release);
    }
    real_generation_end();
    return real ? ((int (*)(void *))real)(handle) : -1;
}
