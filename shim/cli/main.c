#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/man.h"

static const struct command *const commands[] = {
    &command_run,    &command_parse,   &command_format, &command_check,   &command_explain,
    &command_doctor, &command_agent,   &command_set,    &command_unset,   &command_clear,
    &command_get,    &command_ps,      &command_top,    &command_metrics, &command_reload,
    &command_enable, &command_disable,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static const struct command *current;

/* What is quoted may come from anywhere: it must not steer the terminal. */
void say(const char *format, ...)
{
    static char text[4 * LIMIT_PATH];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    fprintf(stderr, "bellhop%s%s: %s\n", current ? " " : "", current ? current->name : "", text);
}

int usage(void)
{
    fprintf(stderr, "Try 'bellhop%s%s --help'.\n", current ? " " : "",
            current ? current->name : "");
    return EXIT_USAGE;
}

char *read_input(size_t max, size_t *len)
{
    char *at = malloc(max ? max : 1), rest[4096];
    *len = 0;
    if (!at) {
        say("out of memory");
        return NULL;
    }
    for (;;) {
        bool full = *len == max;
        ssize_t got = read(STDIN_FILENO, full ? rest : at + *len, full ? sizeof rest : max - *len);
        if (got == 0)
            return at;
        if (got < 0 && errno != EINTR) {
            say("cannot read standard input: %s", strerror(errno));
            free(at);
            return NULL;
        }
        *len += got > 0 && !full ? (size_t)got : 0;
    }
}

static void print_help(void)
{
    printf("Usage: bellhop COMMAND [ARGUMENT...]\n\n"
           "Carries W3C baggage through programs that know nothing of it.\n\nCommands:\n");
    for (int i = 0; i < COMMANDS; i++)
        printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
    printf("\n'bellhop COMMAND --help' tells more of one; 'bellhop --version' the version.\n"
           "Exit codes: 0 all is well, 1 what was looked at is wrong or could not be done,\n"
           "2 the command line is wrong, 3 there is no agent to ask; 'bellhop run' ends as the\n"
           "program that it runs.\n");
}

static void print_command_help(const struct command *c)
{
    printf("Usage: bellhop %s %s\n\n%s.\n\n%s", c->name, c->synopsis, c->summary, c->help);
}

/* Standard output may be a full disk or a closed pipe. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    say("cannot write standard output: %s", strerror(errno));
    return status == EXIT_OK ? EXIT_FAULT : status;
}

static bool is_help(const char *arg)
{
    return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

static int run_command(const struct command *c, int argc, char **argv)
{
    char name[32];
    current = c;
    if (argc > 1 && is_help(argv[1])) {
        print_command_help(c);
        return EXIT_OK;
    }
    /* For the messages of getopt. */
    snprintf(name, sizeof name, "bellhop %s", c->name);
    argv[0] = name;
    return c->run(argc, argv);
}

/* bellhop --man [COMMAND]: what `make install` makes man pages of. */
static int print_man(const char *name)
{
    if (!name) {
        man_all(commands, COMMANDS);
        return EXIT_OK;
    }
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i]->name) == 0) {
            man_command(commands[i]);
            return EXIT_OK;
        }
    }
    say("there is no command '%s'", name);
    return usage();
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        say("a command is missing");
        return usage();
    }
    if (is_help(argv[1]) || strcmp(argv[1], "help") == 0) {
        print_help();
        return finish(EXIT_OK);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("bellhop %s\n", BELLHOP_VERSION);
        return finish(EXIT_OK);
    }
    if (strcmp(argv[1], "--man") == 0)
        return finish(print_man(argv[2]));
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return finish(run_command(commands[i], argc - 1, argv + 1));
    say("there is no command '%s'", argv[1]);
    return usage();
}
