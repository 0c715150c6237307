/* A vfork child has its parent's memory, but descriptors of its own: what it does to them must
 * leave no trace in our tables. */
#ifndef BELLHOP_HOOKS_VFORK_H
#define BELLHOP_HOOKS_VFORK_H

/* How many vforks deep the calling thread is; 0: in no child. */
extern _Thread_local int hooks_vforked;

#endif
