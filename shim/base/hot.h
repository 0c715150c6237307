/* What hooks look at on each call stands together: after a system call every page costs a walk. */
#ifndef BELLHOP_BASE_HOT_H
#define BELLHOP_BASE_HOT_H

#define HOT __attribute__((section(".data.hot"), aligned(8)))

#endif
