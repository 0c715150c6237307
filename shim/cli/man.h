/* Man pages, made of the same tables as the help. */
#ifndef BELLHOP_CLI_MAN_H
#define BELLHOP_CLI_MAN_H

#include "cli/cli.h"

/* Prints bellhop-NAME(1) of one command. */
void man_command(const struct command *c);

/* Prints bellhop(1). */
void man_all(const struct command *const *commands, int count);

#endif
