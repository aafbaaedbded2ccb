/*
 * A process to be started, as the child needs it: everything is looked up, opened and laid out in memory before the
 * child exists, because the child shares that memory and may not call anything but the kernel.
 */
#ifndef MAVERICK_PLAN_H
#define MAVERICK_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the child finds its script; lower descriptors of the plan would be in the way. */
enum { SCRIPT_FD = 9, LOWEST_PLAN_FD = 10 };

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
struct limit {
  int resource;
  struct {
    uint64_t soft, hard;
  } value;
};

struct plan {
  char **files;      /* to be tried in this order, as execvp(3) does */
  char **argv;
  char **shell_argv; /* /bin/sh, a place for the file, the arguments: for files without an interpreter line */
  char **envp;
  int stdio[3];      /* descriptors, -1 for /dev/null */
  bool controlling;  /* descriptor 0 becomes the controlling terminal */
  int script_fd;     /* -1: none */
  const int *inherit;
  uint32_t inherit_count;
  const struct limit *limits;
  uint32_t limit_count;
  char **roots;
  const char *directory;
  const uint32_t *groups;
  uint32_t group_count;
  bool has_umask, has_nice, has_oom, has_groups, has_uid, has_gid;
  int umask, nice, oom;
  uint32_t uid, gid;

  /* A DECIDED step that is going to fail; STEP_COUNT: none. */
  enum step failing_step;
  int failing_errno;

  /* Written by the child: how far it came. `error` is 0 where no system call failed: there is no such user. */
  enum step step;
  bool failed;
  int error;
  uint32_t argument; /* which of the step's list: limits, roots, inherited descriptors */
};

/* Runs as the child, on a stack of its own and in the parent's memory. Returns only when a step has failed. */
int run_child(void *plan);

#endif
