/* Settings: environment and file. The environment is read once, at start, with secure_getenv; the
 * file by libconfig, which lives in libbellhop-settings.so so that the shim needs only libc. */
#ifndef BELLHOP_SETTINGS_SETTINGS_H
#define BELLHOP_SETTINGS_SETTINGS_H

#include "base/span.h"

struct policy;

/* What the environment says. The strings are the environment's own: copy what must outlive start.
 */
struct settings_env {
    bool disabled;          /* BELLHOP_DISABLED=true, in any case; nothing else disables */
    bool propagate_baggage; /* OTEL_PROPAGATORS, default tracecontext,baggage */
    bool propagate_trace;
    struct span unknown; /* the first unknown propagator, for the log; or empty */
    struct span baggage; /* BAGGAGE; empty means unset (STANDARD G22) */
    struct span traceparent;
    struct span tracestate;
    bool cgi;            /* the program is started as CGI (RFC 3875) */
    int passed;          /* sockets from 3 on that a service manager passes (LISTEN_FDS) */
    const char *config;  /* BELLHOP_CONFIG, or NULL */
    const char *control; /* BELLHOP_CONTROL, or NULL */
    const char *log;     /* BELLHOP_LOG=level:path, or NULL */
};

void settings_env_read(struct settings_env *out);

/* A copy of the whole environment, as it is now, that stays: "NAME=value" each, then NULL. NULL: no
 * memory. For the constructor, as programs write over theirs. */
char *const *settings_env_copy(void);

/* One thing that is wrong with a file. `line` is 0 where none can be named. */
typedef void settings_report(void *arg, const char *file, int line, bool is_error,
                             const char *message);

/* Reads a settings file into a new policy, which the caller owns. Every fault is reported; NULL if
 * any of them was an error. Exported by libbellhop-settings.so under this name; `abi` must be
 * SETTINGS_ABI of the caller, or NULL is returned and one error reported. `report` may be NULL,
 * which also saves the search for what has no effect. */
#define SETTINGS_ABI 7
struct policy *bellhop_settings_load(int abi, const char *file, settings_report *report, void *arg);

/* The same for a text that is there already, which messages call `name`. */
struct policy *bellhop_settings_load_text(int abi, const char *name, struct span text,
                                          settings_report *report, void *arg);

/* The same, but what differs between programs, as ${pid} does, stays as it is written: for
 * policy_pack (policy/image.h), and of no other use. Not exported: agents link it. */
struct policy *bellhop_settings_load_text_for_many(int abi, const char *name, struct span text,
                                                   settings_report *report, void *arg);

#endif
