#include "cli/cli.h"

#include <getopt.h>
#include <stdio.h>

#include "policy/policy.h"
#include "settings/settings.h"

void print_fault(void *arg, const char *file, int line, bool is_error, const char *message)
{
    bool *failed = arg;
    *failed |= is_error;
    fprintf(stderr, "%s:", file);
    if (line)
        fprintf(stderr, "%d:", line);
    fprintf(stderr, " %s: %s\n", is_error ? "error" : "warning", message);
}

static int run(int argc, char **argv)
{
    static const struct option options[] = { { 0 } };
    int status = EXIT_OK;
    if (getopt_long(argc, argv, "", options, NULL) != -1)
        return usage();
    if (optind == argc) {
        say("a settings file is missing");
        return usage();
    }
    for (int i = optind; i < argc; i++) {
        bool failed = false;
        policy_free(bellhop_settings_load(SETTINGS_ABI, argv[i], print_fault, &failed));
        if (failed)
            status = EXIT_FAULT;
        else
            printf("%s: ok\n", argv[i]);
    }
    return status;
}

const struct command command_check = {
    .name = "check",
    .synopsis = "FILE...",
    .summary = "Says what is wrong with a settings file",
    .help = "Reads settings files as a preloaded program does (BELLHOP_CONFIG, bellhop run\n"
            "--config), and prints every fault as FILE:LINE: error: ..., or 'FILE: ok'. With an\n"
            "error, a program runs without baggage; a warning is about what has no effect.\n"
            "\n"
            "Exit codes: 0 no errors, 1 errors, 2 the command line is wrong.\n",
    .run = run,
};
