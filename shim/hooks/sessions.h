/* The sessions of a TLS library by their handles: what the hooks of OpenSSL and GnuTLS share. */
#ifndef BELLHOP_HOOKS_SESSIONS_H
#define BELLHOP_HOOKS_SESSIONS_H

#include "base/ptrmap.h"
#include "carrier/session.h"

/* The session of a handle; NULL: none, or not ours any more. */
struct session *sessions_get(struct ptrmap *map, const void *handle);

/* True if the handle was never seen, so that its session may begin here. */
bool sessions_is_new(struct ptrmap *map, const void *handle);

/* Begins a client session; NULL: it is left alone. */
struct session *sessions_begin(struct ptrmap *map, const void *handle);

/* The handle is in use but none of ours: it will not be new again. */
void sessions_leave_alone(struct ptrmap *map, const void *handle);

/* The handle is new, whatever was known under its address. */
void sessions_forget(struct ptrmap *map, const void *handle);

/* One call at a time is inside of a library: what it calls itself through our hooks is passed on.
 */
extern _Thread_local const void *sessions_inside;

/* session_send on the session of a handle, marked as inside. A session that turned opaque is given
 * up. */
bool sessions_send(struct ptrmap *map, const void *handle, struct session *s, const void *data,
                   size_t len, bool may_split, size_t record, session_emit *emit, void *arg,
                   size_t *taken);

#endif
