/* Descriptors that a plan will need in the child. */
#ifndef MAVERICK_PLAN_FD_H
#define MAVERICK_PLAN_FD_H

/* The same file on a descriptor that no step of the child overwrites, close-on-exec. Passes an error through. */
int out_of_the_way(int fd);

#endif
