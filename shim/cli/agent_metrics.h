/* What all processes of the agent counted, those that have ended included, as OpenMetrics text. */
#ifndef BELLHOP_CLI_AGENT_METRICS_H
#define BELLHOP_CLI_AGENT_METRICS_H

#include "base/pages.h"

/* Keeps what a page says that is about to go. */
void metrics_depart(struct told_page *page);

/* The document: a C string, the caller's to free; NULL: no memory. */
char *metrics_text(size_t *len);

#endif
