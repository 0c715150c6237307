/* The sessions of a TLS library: what the hooks of OpenSSL and GnuTLS share. */
#ifndef BELLHOP_HOOKS_SESSIONS_H
#define BELLHOP_HOOKS_SESSIONS_H

#include "base/ptrmap.h"
#include "carrier/session.h"

/* The session of a handle; NULL: none, or not ours any more. */
struct session *sessions_get(struct ptrmap *map, const void *handle);

/* Begins a client session of GnuTLS under a handle that is new. Should that fail, there is none. */
void sessions_begin(struct ptrmap *map, const void *handle);

/* The same for a server's session. */
void sessions_serve(struct ptrmap *map, const void *handle);

/* The handle is none of ours, or not any more. */
void sessions_forget(struct ptrmap *map, const void *handle);

/* One call at a time is inside of a library: what it calls itself through our hooks is passed on.
 */
extern _Thread_local const void *sessions_inside;

/* The handle is freed, so no call is inside of it: one that was left by siglongjmp is over now. */
void sessions_gone(const void *handle);

/* session_send on the session of a handle, marked as inside. */
bool sessions_send(const void *handle, struct session *s, const void *data, size_t len,
                   const struct session_way *way, size_t *taken);

#endif
