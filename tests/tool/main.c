#include <stdio.h>
#include <string.h>

#include "tool.h"

static const struct area {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} areas[] = {
    { "baggage", tool_baggage, "the codec" },
    { "control", tool_control, "counters, pages" },
    { "image", tool_image, "handed over" },
    { "http", tool_http, "the framers" },
    { "inlet", tool_inlet, "inbound connections" },
    { "line", tool_line, "first lines" },
    { "many", tool_many, "100,000 of them" },
    { "policy", tool_policy, "outbound rules" },
    { "sender", tool_sender, "the sending side" },
    { "session", tool_session, "TLS sessions" },
    { "settings", tool_settings, "the environment" },
    { "rules", tool_rules, "settings files" },
    { "whose", tool_whose, "whose baggage" },
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof areas / sizeof *areas; i++)
        if (strcmp(argv[1], areas[i].name) == 0)
            return areas[i].run(argc - 1, argv + 1);
    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++)
        fprintf(stderr, "testtool %s ...  %s\n", areas[i].name, areas[i].help);
    return 2;
}
