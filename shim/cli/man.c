#include "cli/man.h"

#include <ctype.h>
#include <stdio.h>

/* Text as roff has it: no escapes, no requests, and hyphens that can be copied. */
static void put(const char *text)
{
    bool at_start = true;
    for (; *text; text++) {
        if (at_start && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        at_start = *text == '\n';
    }
}

/* As it is laid out: the help has columns. */
static void put_help(const char *help)
{
    puts(".nf");
    put(help);
    puts(".fi");
}

static void put_title(const char *name)
{
    printf(".TH ");
    for (const char *c = name; *c; c++)
        putchar(toupper((unsigned char)*c));
    printf(" 1 \"\" \"bellhop " BELLHOP_VERSION "\" \"User Commands\"\n");
}

void man_command(const struct command *c)
{
    char name[64];
    snprintf(name, sizeof name, "bellhop-%s", c->name);
    put_title(name);
    printf(".SH NAME\n");
    put(name);
    printf(" \\- ");
    put(c->summary);
    printf("\n.SH SYNOPSIS\n.B bellhop ");
    put(c->name);
    printf("\n");
    put(c->synopsis);
    printf("\n.SH DESCRIPTION\n");
    put_help(c->help);
    printf(".SH SEE ALSO\n.BR bellhop (1)\n");
}

static const char environment[] = "BAGGAGE, TRACEPARENT, TRACESTATE\n"
                                  "    what a program carries of its own\n"
                                  "OTEL_PROPAGATORS\n"
                                  "    what is carried at all: tracecontext,baggage by default\n"
                                  "BELLHOP_CONFIG=FILE\n"
                                  "    settings (bellhop.conf)\n"
                                  "BELLHOP_CONTROL=SOCKET\n"
                                  "    the socket of the agent\n"
                                  "BELLHOP_LOG=LEVEL:PATH\n"
                                  "    a log: error, warn, info or debug\n"
                                  "BELLHOP_DISABLED=true\n"
                                  "    carry nothing\n";

void man_all(const struct command *const *commands, int count)
{
    put_title("bellhop");
    printf(".SH NAME\nbellhop \\- carries W3C baggage through programs that know nothing of it\n"
           ".SH SYNOPSIS\n.B bellhop\nCOMMAND [ARGUMENT...]\n.SH DESCRIPTION\n"
           "Programs that are run with bellhop's library preloaded send the baggage of the "
           "requests that they serve, and their own, with the requests that they make.\n"
           ".SH COMMANDS\n");
    for (int i = 0; i < count; i++) {
        printf(".TP\n.BR bellhop\\-%s (1)\n", commands[i]->name);
        put(commands[i]->summary);
        puts(".");
    }
    printf(".SH ENVIRONMENT\n");
    put_help(environment);
    printf(".SH FILES\n");
    put_help("$XDG_RUNTIME_DIR/bellhop.sock, for root /run/bellhop/bellhop.sock\n"
             "    the agent's socket; beside it SOCKET.lock, and SOCKET.state and\n"
             "    SOCKET.state.conf, which an agent leaves for the next one\n");
}
