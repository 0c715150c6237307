/* The log: off unless BELLHOP_LOG=level:path asks for it. A line is one open, one write, one close:
 * no descriptor stays open in the host. errno is kept. Values of members never go in here. */
#ifndef BELLHOP_BASE_LOG_H
#define BELLHOP_BASE_LOG_H

#include "base/buf.h"

enum log_level { LOG_OFF, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

extern enum log_level log_threshold;

/* "debug:/path", "info:/path", "warn:/path" or "error:/path". False: none of these, the log stays
 * off. A relative path is made absolute, as the program may change its directory. */
bool log_open(const char *spec);

static inline bool log_wants(enum log_level level)
{
    return __builtin_expect(level <= log_threshold, 0);
}

/* Writes one line: time, pid, level, then `text` with control characters made '?'. None once the
 * process has confined itself to some system calls (attachment.h). */
void log_write(enum log_level level, struct span text);

/* The same for a C string. */
void log_say(enum log_level level, const char *text);

#endif
