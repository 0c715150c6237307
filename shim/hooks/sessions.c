#include "hooks/sessions.h"

#include "hooks/hooks.h"

_Thread_local const void *sessions_inside;

struct session *sessions_get(struct ptrmap *map, const void *handle)
{
    return handle && hooks_ready() ? ptrmap_get(map, handle) : NULL;
}

static void keep(struct ptrmap *map, const void *handle, struct session *s)
{
    if (s && !ptrmap_put(map, handle, s))
        session_free(s);
}

void sessions_begin(struct ptrmap *map, const void *handle)
{
    if (hooks_ready() && handle)
        keep(map, handle, session_new(CARRIER_GNUTLS));
}

void sessions_serve(struct ptrmap *map, const void *handle)
{
    if (hooks_ready() && handle)
        keep(map, handle, session_new_served());
}

void sessions_forget(struct ptrmap *map, const void *handle)
{
    if (handle && ptrmap_get(map, handle))
        session_free(ptrmap_take(map, handle));
}

void sessions_gone(const void *handle)
{
    if (sessions_inside == handle)
        sessions_inside = NULL;
}

bool sessions_send(const void *handle, struct session *s, const void *data, size_t len,
                   const struct session_way *way, size_t *taken)
{
    const void *outer = sessions_inside;
    sessions_inside = handle;
    bool ok = session_send(s, data, len, way, taken);
    sessions_inside = outer;
    return ok;
}
