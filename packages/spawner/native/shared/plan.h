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
#define TEXTS(name) char **name;
#define TEXT(name) const char *name;
#define VALUE(type, name) type name;
#define LIST(type, name, count) \
  type *name;                   \
  uint32_t count;
#define FD(name) int name;
#define STDIO(name) int name[3];
#define PASSED(name) struct passed name;
#define PASSED_LIST(name, count) LIST(struct passed, name, count)
#define MARK(name, list) char *name;
#include "plan-fields.def"
#include "plan-fields-end.h"

  /* /bin/sh, a place for the file, the arguments that follow argv[0]: for files without an interpreter line. */
  char **shell_argv;

  /* Takes the DECIDED steps where the parent has left them to the child: 0, a negative errno, or NO_SUCH_NAME. */
  int (*look_up)(struct plan *plan, enum step step);

  /* Written by the child, for a parent that shares its memory; `report_fd`, for one that does not, or -1. */
  struct report report;
  int report_fd;

  /* What plan_read has made it of. */
  void *file;
  size_t file_size;
};

/* What a step says that found nothing though no system call failed. */
enum { NO_SUCH_NAME = 1 };

/* Runs as the child, on a stack of its own and in the parent's memory. Returns only when a step has failed. */
int run_child(void *plan);

/* Every descriptor but the standard ones. */
void mark_all_close_on_exec(void);

#endif
