/* The `bellhop` command: a table of commands, one file each. */
#ifndef BELLHOP_CLI_CLI_H
#define BELLHOP_CLI_CLI_H

#include "baggage/baggage.h"
#include "base/buf.h"

/* What a command ends with; `run` has more of its own. */
enum { EXIT_OK, EXIT_FAULT, EXIT_USAGE, EXIT_NO_AGENT };

struct command {
    const char *name;
    const char *synopsis;              /* what follows the name */
    const char *summary;               /* one line for the list of commands */
    const char *help;                  /* the rest of its own help */
    int (*run)(int argc, char **argv); /* argv[0] is "bellhop NAME" */
};

extern const struct command command_run, command_parse, command_format, command_check,
    command_doctor, command_explain, command_agent, command_set, command_unset, command_clear,
    command_enable, command_disable, command_get, command_ps, command_top, command_metrics,
    command_reload;

/* Says "NAME: MESSAGE" on standard error, where NAME is that of the command that runs. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Points to the command's help; returns EXIT_USAGE. */
int usage(void);

/* Reads standard input up to its end, but keeps no more than `max` bytes of it. The caller frees;
 * NULL: an error that was said. */
char *read_input(size_t max, size_t *len);

/* One member as people write it, `KEY=VALUE[;PROPERTY...]`: the value is kept as it is if it is
 * legal on the wire, and otherwise taken as plain text and encoded. Returns its length in `out`, or
 * 0 with a static sentence in *fault. */
size_t member_from_text(struct span text, char *out, size_t max, const char **fault);

/* How much of such a text may stand in a message: values do not. */
int key_len(const char *text);

/* A member's properties as one field, joined by ";" without white space and empty ones. Returns the
 * length; `max` of member_meta's length suffices. */
size_t meta_format(const struct member *m, char *out, size_t max);

/* Reports a fault of a settings file as compilers do. `arg` is a bool *: set by an error. */
void print_fault(void *arg, const char *file, int line, bool is_error, const char *message);

#endif
