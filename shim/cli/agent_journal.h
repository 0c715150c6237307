/* What an agent knows, in a file beside its socket, so that the next one knows it too: one line a
 * change, the last line of a kind counts. An agent that is killed has lost nothing but the line
 * that it was writing. */
#ifndef BELLHOP_CLI_AGENT_JOURNAL_H
#define BELLHOP_CLI_AGENT_JOURNAL_H

#include "cli/agent_book.h"

/* Reads what is there into the book and goes on with it. `path` NULL: no journal is kept. False: it
 * cannot be written, which was said. The settings stand in PATH.conf. */
bool journal_start(const char *path);

/* What stands in the book now; a process with its threads if it is new. Does nothing while the
 * journal is read. */
void journal_fleet(void);
void journal_process(const struct process *p);
void journal_thread(const struct process *p, const struct thread *t);
void journal_settings(void);

/* Writes it anew when it has grown far beyond what it says. */
void journal_tidy(void);

#endif
