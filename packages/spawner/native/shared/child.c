/*
 * The child between clone and exec.
 *
 * It shares the parent's memory and the calling thread's storage while that thread stands still (CLONE_VM and
 * CLONE_VFORK), so it must leave no trace but its report in the plan: no allocation, no locks, no buffered output, and
 * only raw system calls. libc's setuid and its kin are out of question: they reach for all threads of the process,
 * which are the parent's. Descriptors, signal handlers, umask, directory and limits are the child's own copies.
 */
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum { CLOSE_ON_EXEC_FLAG = 1 << 2 }; /* CLOSE_RANGE_CLOEXEC, newer than many headers */
enum { KERNEL_SIGNALS = 64 };

/* What a raw system call says, as a negative errno. */
#define SYSTEM(...) (syscall(__VA_ARGS__) < 0 ? -errno : 0)

/* Linux before 5.11 can't mark a range. What we open ourselves is close-on-exec anyway; this is for what we got. */
static void mark_each_close_on_exec(void) {
  struct rlimit64_raw {
    uint64_t soft, hard;
  } limit = {1024, 1024};
  (void)syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
  for (uint64_t fd = 3; fd < limit.soft && fd < 1 << 20; fd++)
    (void)syscall(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
}

static int child_script(struct plan *plan) {
  if (syscall(SYS_close_range, 3, ~0U, CLOSE_ON_EXEC_FLAG) < 0)
    mark_each_close_on_exec();
  return plan->script_fd < 0 ? 0 : SYSTEM(SYS_dup3, plan->script_fd, SCRIPT_FD, 0);
}

static int child_inherit(struct plan *plan) {
  for (plan->argument = 0; plan->argument < plan->inherit_count; plan->argument++) {
    int result = SYSTEM(SYS_fcntl, plan->inherit[plan->argument], F_SETFD, 0);
    if (result < 0)
      return result;
  }
  return 0;
}

static int child_session(struct plan *plan) {
  (void)plan;
  return SYSTEM(SYS_setsid);
}

static int open_null(int target) {
  int fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_NOCTTY | O_CLOEXEC);
  return fd < 0 ? -errno : SYSTEM(SYS_dup3, fd, target, 0);
}

static int child_console(struct plan *plan) {
  for (int target = 0; target < 3; target++) {
    int source = plan->stdio[target];
    int result = source < 0 ? open_null(target) : SYSTEM(SYS_dup3, source, target, 0);
    if (result < 0)
      return result;
  }
  return plan->controlling ? SYSTEM(SYS_ioctl, 0, TIOCSCTTY, 1) : 0;
}

static int child_limit(struct plan *plan) {
  for (plan->argument = 0; plan->argument < plan->limit_count; plan->argument++) {
    const struct limit *limit = &plan->limits[plan->argument];
    int result = SYSTEM(SYS_prlimit64, 0, limit->resource, &limit->value, NULL);
    if (result < 0)
      return result;
  }
  return 0;
}

static int child_umask(struct plan *plan) {
  return plan->has_umask ? SYSTEM(SYS_umask, plan->umask) : 0;
}

static int child_nice(struct plan *plan) {
  return plan->has_nice ? SYSTEM(SYS_setpriority, PRIO_PROCESS, 0, plan->nice) : 0;
}

/* Decimal digits of `number` at the end of `text`; returns where they begin. */
static char *format(int number, char *end) {
  unsigned rest = number < 0 ? 0U - (unsigned)number : (unsigned)number;
  do
    *--end = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (number < 0)
    *--end = '-';
  return end;
}

/* The kernel spares this value a process that shares its memory in a vfork: it is the child's alone. */
static int child_oom(struct plan *plan) {
  if (!plan->has_oom)
    return 0;
  int fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  char text[16];
  char *end = text + sizeof text, *begin = format(plan->oom, end);
  return SYSTEM(SYS_write, fd, begin, end - begin);
}

static int child_chroot(struct plan *plan) {
  for (plan->argument = 0; plan->roots[plan->argument] != NULL; plan->argument++) {
    int result = SYSTEM(SYS_chroot, plan->roots[plan->argument]);
    if (result < 0)
      return result;
  }
  return 0;
}

static int child_chdir(struct plan *plan) {
  return plan->directory == NULL ? 0 : SYSTEM(SYS_chdir, plan->directory);
}

static int child_groups(struct plan *plan) {
  return plan->has_groups ? SYSTEM(SYS_setgroups, plan->group_count, plan->groups) : 0;
}

static int child_setgid(struct plan *plan) {
  return plan->has_gid ? SYSTEM(SYS_setresgid, plan->gid, plan->gid, plan->gid) : 0;
}

static int child_setuid(struct plan *plan) {
  return plan->has_uid ? SYSTEM(SYS_setresuid, plan->uid, plan->uid, plan->uid) : 0;
}

static int child_signals(struct plan *plan) {
  (void)plan;
  /* The kernel's own struct sigaction differs from machine to machine; all zero it means SIG_DFL in each. */
  static const uint64_t by_default[8];
  for (int signal = 1; signal <= KERNEL_SIGNALS; signal++)
    if (signal != SIGKILL && signal != SIGSTOP)
      (void)syscall(SYS_rt_sigaction, signal, by_default, NULL, KERNEL_SIGNALS / 8);
  uint64_t none = 0;
  return SYSTEM(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

static int execute(struct plan *plan, char *file) {
  (void)syscall(SYS_execve, file, plan->argv, plan->envp);
  if (errno != ENOEXEC)
    return -errno;
  plan->shell_argv[1] = file;
  return SYSTEM(SYS_execve, plan->shell_argv[0], plan->shell_argv, plan->envp);
}

/* The errors after which execvp(3) goes on to the next directory. */
static bool is_elsewhere(int result) {
  return result == -ENOENT || result == -ENOTDIR || result == -EACCES || result == -ESTALE || result == -ENODEV ||
         result == -ETIMEDOUT;
}

static int child_exec(struct plan *plan) {
  int result = -ENOENT;
  bool denied = false;
  for (char **file = plan->files; *file != NULL && is_elsewhere(result); file++) {
    result = execute(plan, *file);
    denied = denied || result == -EACCES;
  }
  return denied && is_elsewhere(result) ? -EACCES : result;
}

static int (*const actions[STEP_COUNT])(struct plan *) = {
#define PARENT(name)
#define DECIDED(name)
#define CHILD(name) [STEP_##name] = child_##name,
#include "steps.def"
#undef PARENT
#undef DECIDED
#undef CHILD
};

int run_child(void *data) {
  struct plan *plan = data;
  for (enum step step = 0; step < STEP_COUNT && !plan->failed; step++) {
    plan->step = step;
    if (actions[step] != NULL)
      plan->error = -actions[step](plan);
    else if (step == plan->failing_step)
      plan->error = plan->failing_errno;
    plan->failed = plan->error != 0 || step == plan->failing_step;
  }
  (void)syscall(SYS_exit_group, 255);
  return 255;
}
