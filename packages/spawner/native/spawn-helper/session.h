/* A PAM session, opened for a job and closed when its process has ended. */
#ifndef MAVERICK_SESSION_H
#define MAVERICK_SESSION_H

#include "pam-library.h"
#include "plan.h"

struct session {
  struct pam_library pam;
  pam_handle *handle;
  int report_fd; /* where the modules' words go; -1 once the job has been started */
};

/* False when the session can't be opened, which has been told then. Modules may take their time. */
bool session_open(struct session *session, const struct plan *plan);

/* KEY=VALUE strings that the modules have set; NULL without memory. */
char **session_environment(struct session *session);

/* 0, or the status of PAM with which closing failed. Frees the session. */
int session_close(struct session *session);

#endif
