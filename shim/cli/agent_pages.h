/* Making pages, and writing what the agent says into them. */
#ifndef BELLHOP_CLI_AGENT_PAGES_H
#define BELLHOP_CLI_AGENT_PAGES_H

#include "base/pages.h"

/* A sealed memfd of this size, mapped for writing at *at. Returns a descriptor that can be handed
 * over, the caller's; -1: none to be had. `shared_by_all`: nobody but us can write to it. */
int pages_make(size_t size, bool shared_by_all, void **at);

/* A number that no page of any agent had before. */
uint64_t pages_generation(void);

#define SLOT_WRITE(slot, text, span, tid)                                                          \
    slot_write(slot, (text)->word[0], sizeof(text)->word[0] / 8, span, tid)

#endif
