/* The job's user and group, asked of the name services of the root that the process is in by then. */
#ifndef MAVERICK_LOOKUP_H
#define MAVERICK_LOOKUP_H

#include "plan.h"

/* Takes one of the DECIDED steps. 0, a negative errno, or NO_SUCH_NAME. */
int look_up(struct plan *plan, enum step step);

#endif
