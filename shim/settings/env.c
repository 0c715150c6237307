#include "settings/settings.h"

#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/hot.h"
#include "base/reserve.h"

#define PASSED_MAX 1024

enum {
    PROPAGATORS,
    DISABLED,
    BAGGAGE,
    TRACEPARENT,
    TRACESTATE,
    CONFIG,
    CONTROL,
    LOG,
    CGI,
    LISTEN,
    LISTEN_FOR,
    NAMES
};

#define NAME(text)                                                                                 \
    {                                                                                              \
        sizeof text, text "="                                                                      \
    }
static AT_START const struct {
    unsigned char len;
    char text[19]; /* with its "=" */
} names[NAMES] = {
    [PROPAGATORS] = NAME("OTEL_PROPAGATORS"),
    [DISABLED] = NAME("BELLHOP_DISABLED"),
    [BAGGAGE] = NAME("BAGGAGE"),
    [TRACEPARENT] = NAME("TRACEPARENT"),
    [TRACESTATE] = NAME("TRACESTATE"),
    [CONFIG] = NAME("BELLHOP_CONFIG"),
    [CONTROL] = NAME("BELLHOP_CONTROL"),
    [LOG] = NAME("BELLHOP_LOG"),
    [CGI] = NAME("GATEWAY_INTERFACE"),
    [LISTEN] = NAME("LISTEN_FDS"),
    [LISTEN_FOR] = NAME("LISTEN_PID"),
};
#undef NAME

static uint32_t bit_of(char letter)
{
    return 1u << (letter & 31);
}

static void find_value(const char *entry, const char **value)
{
    for (size_t i = 0; i < NAMES; i++)
        if (*entry == names[i].text[0] && !value[i] &&
            strncmp(entry, names[i].text, names[i].len) == 0)
            value[i] = entry + names[i].len;
}

/* The values, NULL where unset, empty (STANDARD G22), or where the process runs with others'
 * privileges. As secure_getenv would give them, but in one walk, since every process starts so. */
static void find_values(const char **value)
{
    uint32_t letters = 0;
    if (getauxval(AT_SECURE))
        return;
    for (size_t i = 0; i < NAMES; i++)
        letters |= bit_of(names[i].text[0]);
    for (char **e = environ; e && *e; e++)
        if (letters & bit_of(**e))
            find_value(*e, value);
    for (size_t i = 0; i < NAMES; i++)
        if (value[i] && !*value[i])
            value[i] = NULL;
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

/* 0: it is none. */
static long number_of(const char *text)
{
    long n = 0;
    for (; *text >= '0' && *text <= '9' && n < 1L << 30; text++)
        n = n * 10 + (*text - '0');
    return *text ? 0 : n;
}

/* sd_listen_fds(3): only if they are for this process, and not its children. */
static int read_passed(const char *count, const char *pid)
{
    if (!count || !pid || number_of(pid) != syscall(SYS_getpid))
        return 0;
    long n = number_of(count);
    return n > 0 && n <= PASSED_MAX ? (int)n : 0;
}

void settings_env_read(struct settings_env *out)
{
    const char *value[NAMES] = { NULL };
    find_values(value);
    const bool all = !value[PROPAGATORS];
    *out = (struct settings_env){
        .propagate_baggage = all,
        .propagate_trace = all,
        .disabled = span_equal_nocase(span_of(value[DISABLED]), SPAN("true")),
        .baggage = span_of(value[BAGGAGE]),
        .traceparent = span_of(value[TRACEPARENT]),
        .tracestate = span_of(value[TRACESTATE]),
        .config = value[CONFIG],
        .control = value[CONTROL],
        .log = value[LOG],
        .cgi = value[CGI] != NULL,
        .passed = read_passed(value[LISTEN], value[LISTEN_FOR]),
    };
    if (!all)
        read_propagators(out, span_of(value[PROPAGATORS]));
}

char *const *settings_env_copy(void)
{
    size_t entries = 0, bytes = 0;
    for (char **e = environ; e && *e; e++, entries++)
        bytes += strlen(*e) + 1;
    char **copy = reserve((entries + 1) * sizeof *copy + bytes);
    char *at = copy ? (char *)(copy + entries + 1) : NULL;
    for (size_t i = 0; copy && i < entries; i++) {
        copy[i] = at;
        at = stpcpy(at, environ[i]) + 1;
    }
    return copy;
}
