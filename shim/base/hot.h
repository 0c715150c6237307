/* What hooks look at on each call stands together: after a system call every page costs a walk. */
#ifndef BELLHOP_BASE_HOT_H
#define BELLHOP_BASE_HOT_H

#define HOT __attribute__((section(".data.hot"), aligned(8)))

/* Constants that each start reads: on the page with those that the loader has to write. */
#define AT_START __attribute__((section(".data.rel.ro.at_start")))

#endif
