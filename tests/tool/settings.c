/* testtool settings env: what the environment says, one answer a line. */
#include <stdio.h>
#include <string.h>

#include "settings/settings.h"
#include "tool.h"

static void print_span(const char *name, struct span s)
{
    printf("%s=%.*s\n", name, (int)s.len, s.len ? s.at : "");
}

int tool_settings(int argc, char **argv)
{
    struct settings_env e;
    if (argc != 2 || strcmp(argv[1], "env") != 0) {
        fprintf(stderr, "testtool settings env\n");
        return 2;
    }
    settings_env_read(&e);
    printf("disabled=%d baggage=%d trace=%d\n", e.disabled, e.propagate_baggage, e.propagate_trace);
    print_span("unknown", e.unknown);
    print_span("baggage", e.baggage);
    print_span("traceparent", e.traceparent);
    print_span("tracestate", e.tracestate);
    printf("config=%s\ncontrol=%s\nlog=%s\n", e.config ? e.config : "unset",
           e.control ? e.control : "unset", e.log ? e.log : "unset");
    return 0;
}
