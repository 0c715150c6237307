#include "hooks/sessions.h"

#include "hooks/hooks.h"

_Thread_local const void *sessions_inside;

/* Stands in a map for a handle that is left alone. */
static char alone;

struct session *sessions_get(struct ptrmap *map, const void *handle)
{
    void *state = ptrmap_get(map, handle);
    return state == &alone ? NULL : state;
}

bool sessions_is_new(struct ptrmap *map, const void *handle)
{
    return hooks_ready() && handle && !ptrmap_get(map, handle);
}

static void put(struct ptrmap *map, const void *handle, void *state)
{
    void *was = ptrmap_take(map, handle);
    if (was != &alone)
        session_free(was);
    if (state)
        ptrmap_put(map, handle, state);
}

struct session *sessions_begin(struct ptrmap *map, const void *handle)
{
    struct session *s = session_new();
    if (s && ptrmap_put(map, handle, s))
        return s;
    session_free(s);
    return NULL;
}

void sessions_leave_alone(struct ptrmap *map, const void *handle)
{
    if (hooks_ready() && handle)
        put(map, handle, &alone);
}

void sessions_forget(struct ptrmap *map, const void *handle)
{
    if (handle && ptrmap_get(map, handle))
        put(map, handle, NULL);
}

bool sessions_send(struct ptrmap *map, const void *handle, struct session *s, const void *data,
                   size_t len, bool may_split, size_t record, session_emit *emit, void *arg,
                   size_t *taken)
{
    const void *outer = sessions_inside;
    sessions_inside = handle;
    bool ok = session_send(s, data, len, may_split, record, emit, arg, taken);
    sessions_inside = outer;
    if (session_is_opaque(s))
        sessions_leave_alone(map, handle);
    return ok;
}
