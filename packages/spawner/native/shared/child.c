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
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum { CLOSE_ON_EXEC_FLAG = 1 << 2 }; /* CLOSE_RANGE_CLOEXEC, newer than many headers */
enum { KERNEL_SIGNALS = 64, MOST_DESCRIPTORS = 1 << 20 };

/* What a raw system call says, as a negative errno. */
#define SYSTEM(...) (syscall(__VA_ARGS__) < 0 ? -errno : 0)

/* One beyond the highest descriptor that can be open; where there is no limit, that is the kernel's own. */
static int end_of_descriptors(void) {
  struct rlimit64_raw limit = {1024, 1024};
  (void)syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
  return limit.soft < MOST_DESCRIPTORS ? (int)limit.soft : MOST_DESCRIPTORS;
}

/* Linux before 5.11 can't mark a range, before 5.9 it can't close one either. */
void mark_all_close_on_exec(void) {
  if (syscall(SYS_close_range, 3, ~0U, CLOSE_ON_EXEC_FLAG) == 0)
    return;
  for (int fd = 3, end = end_of_descriptors(); fd < end; fd++)
    (void)syscall(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
}

static void close_from(int first) {
  if (syscall(SYS_close_range, first, ~0U, 0) == 0)
    return;
  for (int fd = first, end = end_of_descriptors(); fd < end; fd++)
    (void)syscall(SYS_close, fd);
}

/* What exec would close, for a process that is not going to exec for long. All below `end` is known to stay below it. */
static void close_marked_below(int end) {
  for (int fd = 3; fd < end; fd++)
    if (syscall(SYS_fcntl, fd, F_GETFD) == FD_CLOEXEC)
      (void)syscall(SYS_close, fd);
}

static int first_free(const struct plan *plan) {
  int top = plan->script.target;
  for (uint32_t i = 0; i < plan->passed_count; i++)
    if (plan->passed[i].target > top)
      top = plan->passed[i].target;
  return (top < 2 ? 2 : top) + 1;
}

/* No file is left where another is going to be put. One that can't be moved fails in its own step, as -errno. */
static void move_above(int *fd, int lowest) {
  if (*fd >= 0 && *fd < lowest) {
    int moved = (int)syscall(SYS_fcntl, *fd, F_DUPFD_CLOEXEC, lowest);
    *fd = moved < 0 ? -errno : moved;
  }
}

static int place(const struct passed *passed) {
  return passed->source < 0 ? passed->source : SYSTEM(SYS_dup3, passed->source, passed->target, 0);
}

/* Only what is put in place from here on is open in the program. */
static int child_script(struct plan *plan) {
  int lowest = first_free(plan);
  bool has_script = plan->script.source >= 0;
  mark_all_close_on_exec();
  move_above(&plan->script.source, lowest);
  move_above(&plan->cgroup_fd, lowest);
  move_above(&plan->report_fd, lowest);
  for (int i = 0; i < 3; i++)
    move_above(&plan->stdio[i], lowest);
  for (uint32_t i = 0; i < plan->passed_count; i++)
    move_above(&plan->passed[i].source, lowest);
  return has_script ? place(&plan->script) : 0;
}

static int child_inherit(struct plan *plan) {
  uint32_t *i = &plan->report.argument;
  for (*i = 0; *i < plan->passed_count; ++*i) {
    int result = place(&plan->passed[*i]);
    if (result < 0)
      return result;
  }
  return 0;
}

/* The helper program leads a session already when it becomes the process. */
static int child_session(struct plan *plan) {
  (void)plan;
  int result = SYSTEM(SYS_setsid);
  return result == -EPERM && syscall(SYS_getsid, 0) == syscall(SYS_getpid) ? 0 : result;
}

static int open_null(int target) {
  int fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  return fd == target ? SYSTEM(SYS_fcntl, fd, F_SETFD, 0) : SYSTEM(SYS_dup3, fd, target, 0);
}

static int child_console(struct plan *plan) {
  for (int target = 0; target < 3; target++) {
    const struct passed passed = {plan->stdio[target], target};
    int result = passed.source == -1 ? open_null(target) : place(&passed);
    if (result < 0)
      return result;
  }
  return plan->controlling ? SYSTEM(SYS_ioctl, 0, TIOCSCTTY, 1) : 0;
}

static int set_limit(int resource, const struct rlimit64_raw *limit) {
  return SYSTEM(SYS_prlimit64, 0, resource, limit, NULL);
}

/* Down to what this process was started with; a program that expects few descriptors may well loop over them all. */
static int lower_open_files(uint64_t soft) {
  struct rlimit64_raw limit;
  int result = SYSTEM(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
  if (result < 0 || limit.soft <= soft)
    return result;
  limit.soft = soft;
  return set_limit(RLIMIT_NOFILE, &limit);
}

static int child_limit(struct plan *plan) {
  uint32_t *i = &plan->report.argument;
  for (*i = 0; *i < plan->limit_count; ++*i) {
    int result = set_limit(plan->limits[*i].resource, &plan->limits[*i].value);
    if (result < 0)
      return result;
  }
  return plan->has_soft_nofile ? lower_open_files(plan->soft_nofile) : 0;
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

/* Writes a small file of the kernel's at once. */
static int write_file(const char *path, const char *text, size_t length) {
  int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  int result = SYSTEM(SYS_write, fd, text, length);
  (void)syscall(SYS_close, fd);
  return result;
}

static int write_number(const char *path, int number) {
  char text[16];
  char *end = text + sizeof text, *begin = format(number, end);
  return write_file(path, begin, (size_t)(end - begin));
}

/* The value of before Linux 2.6.36, from -17 to 15. */
static int old_oom(int score) {
  return score * (score < 0 ? 17 : 15) / 1000;
}

/* The kernel spares this value a process that shares its memory in a vfork: it is the child's alone. */
static int child_oom(struct plan *plan) {
  if (!plan->has_oom)
    return 0;
  int result = write_number("/proc/self/oom_score_adj", plan->oom);
  return result == -ENOENT ? write_number("/proc/self/oom_adj", old_oom(plan->oom)) : result;
}

/* The second name is that of before Linux 5.8, where security modules had to share it. */
static int child_apparmor(struct plan *plan) {
  if (plan->apparmor == NULL)
    return 0;
  size_t length = 0;
  while (plan->apparmor[length] != '\0')
    length++;
  int result = write_file("/proc/self/attr/apparmor/exec", plan->apparmor, length);
  return result == -ENOENT ? write_file("/proc/self/attr/exec", plan->apparmor, length) : result;
}

/* "0" is whoever writes it. The file was opened by the parent, for it may lie outside the root. */
static int child_cgroup(struct plan *plan) {
  if (plan->cgroup_fd == -1)
    return 0;
  return plan->cgroup_fd < 0 ? plan->cgroup_fd : SYSTEM(SYS_write, plan->cgroup_fd, "0", 1);
}

static int child_chroot(struct plan *plan) {
  uint32_t *i = &plan->report.argument;
  for (*i = 0; plan->roots[*i] != NULL; ++*i) {
    int result = SYSTEM(SYS_chroot, plan->roots[*i]);
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

static int send_report(const struct plan *plan) {
  return plan->report_fd < 0 ? 0 : SYSTEM(SYS_write, plan->report_fd, &plan->report, sizeof plan->report);
}

/*
 * A stopped process keeps no descriptor that is not its own: somebody may wait for the end of one. The pipe for reports
 * comes first above those that it keeps.
 */
static int let_go(struct plan *plan) {
  int lowest = first_free(plan);
  int result = plan->report_fd == lowest ? 0 : SYSTEM(SYS_dup3, plan->report_fd, lowest, O_CLOEXEC);
  if (result < 0)
    return result;
  plan->report_fd = lowest;
  close_from(lowest + 1);
  close_marked_below(lowest);
  return 0;
}

/* Whoever waits for the report learns from one without a failure that the process is about to stop. */
static int child_pause(struct plan *plan) {
  if (!plan->pause)
    return 0;
  int result = let_go(plan);
  if (result == 0)
    result = send_report(plan);
  return result < 0 ? result : SYSTEM(SYS_kill, syscall(SYS_getpid), SIGSTOP);
}

static int child_trace(struct plan *plan) {
  return plan->trace ? SYSTEM(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0) : 0;
}

/* Known to nobody but the child itself, and to nobody before it runs. */
static void write_own_pid(char *digits) {
  char text[16];
  char *end = text + sizeof text;
  for (char *digit = format((int)syscall(SYS_getpid), end); digit < end; digit++)
    *digits++ = *digit;
  *digits = '\0';
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
  if (plan->pid_digits != NULL)
    write_own_pid(plan->pid_digits);
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

static int take(struct plan *plan, enum step step) {
  if (step == plan->failing_step)
    return -plan->failing_errno;
  if (actions[step] != NULL)
    return actions[step](plan);
  return plan->look_up == NULL ? 0 : plan->look_up(plan, step);
}

/* From here on there is a process, whatever becomes of its parent: say so before anything else. */
static void leave_trace(const struct plan *plan) {
  size_t length = 0;
  if (plan->birth_fd < 0 || plan->birth == NULL)
    return;
  while (plan->birth[length] != '\0')
    length++;
  (void)syscall(SYS_write, plan->birth_fd, plan->birth, length); /* a trace that fails is one that is missing */
}

/* What the kernel refuses somebody without privilege, or does not let them see: it has to ask who they are. */
static bool needs_rights(enum step step) {
  return step == STEP_limit || step == STEP_nice || step == STEP_chdir;
}

static void report_step(struct plan *plan, enum step step) {
  struct report *report = &plan->report;
  if (report->failed)
    return;
  report->step = step;
  int result = take(plan, step);
  report->error = result < 0 ? -result : 0;
  report->failed = result != 0 || step == plan->failing_step;
}

static void take_deferred(struct plan *plan) {
  for (enum step step = 0; step < STEP_setuid; step++)
    if (needs_rights(step))
      report_step(plan, step);
}

int run_child(void *data) {
  struct plan *plan = data;
  leave_trace(plan);
  for (enum step step = 0; step < STEP_COUNT && !plan->report.failed; step++) {
    if (!plan->own_rights || !needs_rights(step))
      report_step(plan, step);
    if (plan->own_rights && step == STEP_setuid)
      take_deferred(plan);
  }
  (void)send_report(plan); /* a parent that gets none sees the pipe's end */
  (void)syscall(SYS_exit_group, 255);
  return 255;
}
