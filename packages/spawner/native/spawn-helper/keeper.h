/*
 * The keeper of a PAM session: opens it, starts the job as the daemon's own child, waits for the end of the job's
 * process and closes the session, whatever becomes of the daemon.
 */
#ifndef MAVERICK_KEEPER_H
#define MAVERICK_KEEPER_H

#include "plan.h"

/* Returns the exit status: 0, or the status of PAM with which closing failed. `self` is the helper's own path. */
int keep_session(struct plan *plan, const char *self);

#endif
