#include "settings/settings.h"

#include <stdlib.h>
#include <unistd.h>

#define PASSED_MAX 1024

/* NULL where unset, empty (STANDARD G22), or where the process runs with others' privileges. */
static const char *env_get(const char *name)
{
    const char *value = secure_getenv(name);
    return value && *value ? value : NULL;
}

/* The names of the OpenTelemetry specification, Enum values in any case. `none` switches all off,
 * also beside others. */
static void read_propagators(struct settings_env *out, struct span list)
{
    bool none = false;
    while (list.at) {
        struct span name = span_trim(span_cut(list, ',', &list));
        if (span_equal_nocase(name, SPAN("baggage")))
            out->propagate_baggage = true;
        else if (span_equal_nocase(name, SPAN("tracecontext")))
            out->propagate_trace = true;
        else if (span_equal_nocase(name, SPAN("none")))
            none = true;
        else if (name.len && !out->unknown.len)
            out->unknown = name;
    }
    if (none)
        out->propagate_baggage = out->propagate_trace = false;
}

/* sd_listen_fds(3): only if they are for this process, and not its children. */
static int read_passed(void)
{
    const char *count = env_get("LISTEN_FDS"), *pid = count ? env_get("LISTEN_PID") : NULL;
    if (!pid || atol(pid) != (long)getpid())
        return 0;
    long n = atol(count);
    return n > 0 && n <= PASSED_MAX ? (int)n : 0;
}

void settings_env_read(struct settings_env *out)
{
    const char *propagators = env_get("OTEL_PROPAGATORS");
    *out = (struct settings_env){
        .disabled = span_equal_nocase(span_of(env_get("BELLHOP_DISABLED")), SPAN("true")),
        .baggage = span_of(env_get("BAGGAGE")),
        .traceparent = span_of(env_get("TRACEPARENT")),
        .tracestate = span_of(env_get("TRACESTATE")),
        .config = env_get("BELLHOP_CONFIG"),
        .control = env_get("BELLHOP_CONTROL"),
        .log = env_get("BELLHOP_LOG"),
        .cgi = env_get("GATEWAY_INTERFACE") != NULL,
        .passed = read_passed(),
    };
    read_propagators(out, span_of(propagators ? propagators : "tracecontext,baggage"));
}
