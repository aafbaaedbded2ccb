/*
 * The helper: a process that needs more before its program than the kernel alone can give. It is started with the plan
 * and a pipe for its messages on fixed descriptors.
 *
 * Without a PAM service it is the process itself: it takes the plan's steps, asking the name services of the root for
 * user and group, and executes the program. With one it is the session's keeper, and starts itself anew for the
 * process: libc, once it has been used, goes on with the name services of the root that it was first used in, and the
 * modules of PAM and what they leave in memory stay out of the process.
 */
#include "keeper.h"
#include "lookup.h"
#include "message.h"
#include "plan-wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static const char name[] = "spawn-helper";

static bool limits_open_files(const struct plan *plan) {
  uint32_t i = 0;
  while (i < plan->limit_count && plan->limits[i].resource != RLIMIT_NOFILE)
    i++;
  return i < plan->limit_count;
}

/* Descriptors may have to be passed on above the soft limit that the process is going to have. */
static int raise_open_files(struct plan *plan) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
    return errno;
  if (!plan->has_soft_nofile && !limits_open_files(plan)) {
    plan->has_soft_nofile = true;
    plan->soft_nofile = limit.rlim_cur;
  }
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? errno : 0;
}

static int become_job(struct plan *plan) {
  int error = raise_open_files(plan);
  if (error != 0) {
    tell_failure(plan->report_fd, STEP_helper, error);
    return EXIT_FAILURE;
  }
  tell_pid(plan->report_fd, getpid());
  plan->look_up = look_up;
  return run_child(plan);
}

static int keep(struct plan *plan, const char *self) {
  int status = keep_session(plan, self);
  plan_free(plan);
  return status;
}

int main(int argc, char **argv) {
  struct plan plan = {.file = NULL};
  if (argc != 1 || fcntl(HELPER_REPORT_FD, F_GETFD) < 0) {
    (void)fprintf(stderr, "%s: this program is for @maverick/spawner\n", name);
    return EXIT_FAILURE;
  }
  mark_all_close_on_exec();
  int error = speak_safely();
  if (error == 0)
    error = -plan_read(HELPER_PLAN_FD, &plan);
  (void)close(HELPER_PLAN_FD);
  if (error != 0) {
    plan_free(&plan);
    tell_failure(HELPER_REPORT_FD, STEP_helper, error);
    return EXIT_FAILURE;
  }
  plan.report_fd = HELPER_REPORT_FD;
  return plan.pam_service == NULL ? become_job(&plan) : keep(&plan, argv[0]);
}
