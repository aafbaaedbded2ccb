/*
 * A process to be started, as the child needs it: everything is looked up, opened and laid out in memory before the
 * child exists, because the child shares that memory and may not call anything but the kernel.
 */
#ifndef MAVERICK_PLAN_H
#define MAVERICK_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the plan's own descriptors usually stay above, so that few have to be moved in the child. */
enum { LOWEST_PLAN_FD = 10 };

enum step {
#define PARENT(name) STEP_##name,
#define DECIDED(name) STEP_##name,
#define CHILD(name) STEP_##name,
#include "steps.def"
#undef PARENT
#undef DECIDED
#undef CHILD
  STEP_COUNT
};

extern const char *const step_names[STEP_COUNT];

/* The kernel's struct rlimit64, which libcs name in different ways. */
struct rlimit64_raw {
  uint64_t soft, hard;
};

struct limit {
  int resource;
  struct rlimit64_raw value;
};

/* A descriptor that the child gets under another number, or the same. */
struct passed {
  int source, target;
};

/* How far a child came. `error` is 0 where no system call failed: there is no such user. */
struct report {
  enum step step;
  bool failed;
  int error;
  uint32_t argument; /* which of the step's list: limits, roots, passed descriptors */
};

struct plan {
  char **files;      /* to be tried in this order, as execvp(3) does */
  char **argv;
  char **shell_argv; /* /bin/sh, a place for the file, the arguments: for files without an interpreter line */
  char **envp;
  int stdio[3];      /* descriptors, -1 for /dev/null */
  bool controlling;  /* descriptor 0 becomes the controlling terminal */
  struct passed script; /* source -1: none */
  struct passed *passed;
  uint32_t passed_count;
  char *pid_digits;  /* in an entry of envp, with room for a pid: the child writes its own; NULL: none */
  const char *apparmor; /* the profile that exec switches to; NULL: none */
  int cgroup_fd;     /* cgroup.procs of the group to enter, -1: none */
  bool pause, trace; /* stop before exec; be traced by the parent from exec on */
  const struct limit *limits;
  uint32_t limit_count;
  char **roots;
  const char *directory;
  const uint32_t *groups;
  uint32_t group_count;
  bool has_umask, has_nice, has_oom, has_groups, has_uid, has_gid;
  int umask, nice, oom;
  uint32_t uid, gid;
  bool has_soft_nofile; /* the soft limit of open files where no limit is set: Node has raised its own */
  uint64_t soft_nofile;

  /* A step that is going to fail: the first of those that the parent could not prepare. STEP_COUNT: none. */
  enum step failing_step;
  int failing_errno;

  /* Written by the child, for a parent that shares its memory; `report_fd`, for one that does not, or -1. */
  struct report report;
  int report_fd;
};

/* Runs as the child, on a stack of its own and in the parent's memory. Returns only when a step has failed. */
int run_child(void *plan);

#endif
