/* Streams of popen, for the hooks of calls that make and close streams. */
#ifndef BELLHOP_HOOKS_POPEN_H
#define BELLHOP_HOOKS_POPEN_H

#include <stdio.h>

/* Closes a stream by `real`, which is fclose or pclose; if it is a stream of ours, waits for its
 * child as libc does. Returns what that call returns. */
int popen_close(FILE *file, int (*real)(FILE *));

/* The stream leads elsewhere from now on (freopen): what it led to is waited for. */
void popen_reopened(FILE *file);

/* A call made this stream (NULL: it failed): what was known under its address is over. */
void popen_over(const FILE *file);

#endif
