#include "keeper.h"

#include "abandon.h"
#include "job-end.h"
#include "message.h"
#include "plan-wire.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif

/* Neither 0 nor a status of PAM's: the keeper could not do its work. */
enum { KEEPER_FAILED = 255 };

/* The supplementary groups of this process. */
struct groups {
  gid_t *list;
  int count;
};

static bool get_own_groups(struct groups *groups) {
  int count = getgroups(0, NULL);
  groups->list = count < 0 ? NULL : calloc((size_t)count + 1, sizeof *groups->list);
  groups->count = groups->list == NULL ? -1 : getgroups(count, groups->list);
  if (groups->count < 0)
    free(groups->list);
  return groups->count >= 0;
}

static bool contains(const struct groups *groups, gid_t group) {
  int i = 0;
  while (i < groups->count && groups->list[i] != group)
    i++;
  return i < groups->count;
}

/* What the modules have added to our own groups is meant for the job. Puts it to the front of `now`. */
static void add_groups(struct plan *plan, const struct groups *before, struct groups *now) {
  uint32_t added = 0;
  for (int i = 0; i < now->count; i++)
    if (!contains(before, now->list[i]))
      now->list[added++] = now->list[i];
  plan->added_groups = now->list;
  plan->added_group_count = added;
}

static size_t name_length(const char *entry) {
  return strcspn(entry, "=");
}

static bool has_variable(char *const *entries, const char *entry) {
  size_t length = name_length(entry);
  while (*entries != NULL && (name_length(*entries) != length || strncmp(*entries, entry, length) != 0))
    entries++;
  return *entries != NULL;
}

static size_t count_entries(char *const *entries) {
  size_t count = 0;
  while (entries[count] != NULL)
    count++;
  return count;
}

/* The job's own environment wins. NULL without memory. */
static char **merge(char *const *own, char *const *added) {
  size_t count = count_entries(own);
  char **merged = calloc(count + count_entries(added) + 1, sizeof *merged);
  if (merged == NULL)
    return NULL;
  memcpy(merged, own, count * sizeof *merged);
  for (char *const *entry = added; *entry != NULL; entry++)
    if (!has_variable(own, *entry))
      merged[count++] = *entry;
  return merged;
}

static void free_entries(char **entries) {
  for (char **entry = entries; *entry != NULL; entry++)
    free(*entry);
  free(entries);
}

/* The plan of the process that the job becomes: this program once more, with the descriptors that it already has. */
struct start {
  struct plan helper;
  char *file[2];
  char *nothing[1];
  struct passed *passed;
};

static bool prepare_start(struct start *start, struct plan *plan, const char *self, int plan_fd) {
  struct passed *rest;
  uint32_t count;
  if (!plan_number_descriptors(plan, &rest, &count))
    return false;
  start->passed = calloc((size_t)count + 2, sizeof *start->passed);
  if (start->passed == NULL)
    return false;
  start->passed[0] = (struct passed){plan_fd, HELPER_PLAN_FD};
  start->passed[1] = (struct passed){plan->report_fd, HELPER_REPORT_FD};
  memcpy(start->passed + 2, rest, count * sizeof *rest);
  free(rest);
  start->file[0] = (char *)self;
  start->file[1] = NULL;
  start->nothing[0] = NULL;
  start->helper = (struct plan){
      .files = start->file,
      .argv = start->file,
      .envp = environ,
      .stdio = {-1, -1, -1},
      .script = {-1, -1},
      .passed = start->passed,
      .passed_count = count + 2,
      .cgroup_fd = -1,
      .birth_fd = -1,
      .roots = start->nothing,
      .failing_step = STEP_COUNT,
      .report_fd = plan->report_fd,
  };
  return true;
}

/*
 * A copy of this process, as a child of the daemon. By the kernel's own call: libc's fork has no such child, and its
 * clone wants a stack. The first three arguments are in this order on every machine but s390.
 */
static pid_t clone_sibling(int *pidfd) {
  return (pid_t)syscall(SYS_clone, CLONE_PARENT | CLONE_PIDFD | SIGCHLD, NULL, pidfd, NULL, NULL);
}

/* A descriptor of the job's process, or a negative errno. */
static int start_job(struct plan *plan, const char *self) {
  struct start start;
  int pidfd = -1;
  int plan_fd = plan_write(plan);
  if (plan_fd < 0)
    return plan_fd;
  if (!prepare_start(&start, plan, self, plan_fd)) {
    (void)close(plan_fd);
    return -ENOMEM;
  }
  pid_t pid = clone_sibling(&pidfd);
  int error = errno;
  if (pid == 0)
    _exit(run_child(&start.helper));
  (void)close(plan_fd);
  free(start.passed);
  if (pid < 0)
    return -error;
  if (pidfd >= 0)
    return pidfd;
  /* Linux before 5.2 has no such descriptors: we could not tell when to close the session. */
  (void)kill(pid, SIGKILL);
  return -ENOSYS;
}

/* What the modules hold open stays open: a login manager's session lasts as long as such a descriptor. */
static void let_go(struct plan *plan) {
  int kept = chdir("/"); /* if it can't be left the directory is kept busy, which is the lesser evil */
  (void)kept;
  plan_close_descriptors(plan);
  (void)close(plan->report_fd); /* last: from now on the start may be known to have come to its end */
}

static int tell_and_fail(const struct plan *plan, enum step step, int error) {
  tell_failure(plan->report_fd, step, error);
  return KEEPER_FAILED;
}

/* A descriptor of the job's process, or a negative errno. */
static int start_with_environment(struct plan *plan, char **added, const char *self) {
  char **own = plan->envp, **merged = merge(own, added);
  if (merged == NULL)
    return -ENOMEM;
  plan->envp = merged;
  int pidfd = start_job(plan, self);
  plan->envp = own;
  free(merged);
  return pidfd;
}

/* The same, with all that the session gives. */
static int start_in_session(struct plan *plan, struct session *session, const struct groups *before, const char *self) {
  struct groups now;
  char **added = session_environment(session);
  if (added == NULL)
    return -ENOMEM;
  int pidfd = -ENOMEM;
  if (get_own_groups(&now)) {
    add_groups(plan, before, &now);
    plan->pam_service = NULL;      /* what the job becomes is no keeper */
    plan->has_soft_nofile = false; /* we have been started with it, and the modules may have changed it */
    pidfd = start_with_environment(plan, added, self);
    free(now.list);
  }
  free_entries(added);
  return pidfd;
}

/* With the session open. */
static int run_job(struct plan *plan, struct session *session, const struct groups *before, const char *self) {
  int news_fd = listen_for_job();
  if (news_fd < 0)
    return tell_and_fail(plan, STEP_helper, -news_fd);
  int pidfd = start_in_session(plan, session, before, self);
  if (pidfd < 0) {
    (void)close(news_fd);
    return tell_and_fail(plan, STEP_fork, -pidfd);
  }
  session->report_fd = -1;
  let_go(plan);
  wait_for_end(pidfd, news_fd, plan->follows);
  return 0;
}

/* With the groups that we have ourselves, which tell those that the modules add. */
static int keep_with(struct plan *plan, const struct groups *before, const char *self) {
  struct session session = {.report_fd = plan->report_fd};
  if (!session_open(&session, plan))
    return KEEPER_FAILED;
  int error = stay_to_the_end();
  int failed = error != 0 ? tell_and_fail(plan, STEP_helper, error) : run_job(plan, &session, before, self);
  int closed = session_close(&session);
  return failed != 0 ? failed : closed;
}

int keep_session(struct plan *plan, const char *self) {
  struct groups before;
  int error = abandon_when_told();
  if (error != 0)
    return tell_and_fail(plan, STEP_helper, error);
  if (!get_own_groups(&before))
    return tell_and_fail(plan, STEP_helper, ENOMEM);
  int status = keep_with(plan, &before, self);
  free(before.list);
  return status;
}
