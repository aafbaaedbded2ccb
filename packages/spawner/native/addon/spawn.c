/* Starting a process: a child by clone that shares our memory until it execs, so its cost does not grow with ours. */
#include "spawn.h"

#include "read-plan.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

const char *const step_names[STEP_COUNT] = {
#define PARENT(name) [STEP_##name] = #name,
#define DECIDED(name) [STEP_##name] = #name,
#define CHILD(name) [STEP_##name] = #name,
#include "steps.def"
#undef PARENT
#undef DECIDED
#undef CHILD
};

enum { STACK_SIZE = 16 * 1024 };

/*
 * By the kernel's call and not libc's, which leaves out the signals that libc uses among threads: the child must not
 * run their handlers either.
 */
uint64_t set_signal_mask(uint64_t mask) {
  uint64_t old = 0;
  (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &old, sizeof mask); /* can't fail with these arguments */
  return old;
}

/*
 * A pid, or a negative errno. A child that shares our memory holds us up until it has exec'd or ended; one with a copy
 * of it may stop before that, and goes on alone. Either has its stack in this frame, which stands still or is copied:
 * run_child needs a small part of it, and no handler can run there, so that a mapping of its own for each child would
 * cost more than it protects.
 */
pid_t clone_child(struct plan *plan) {
  _Alignas(16) char stack[STACK_SIZE];
  uint64_t mask = set_signal_mask(~UINT64_C(0));
  pid_t pid = clone(run_child, stack + STACK_SIZE, (plan->pause ? 0 : CLONE_VM | CLONE_VFORK) | SIGCHLD, plan);
  int error = errno;
  /* None of the child's frames returns, and what the sanitizer marks in them it marks in the memory of us both. */
  ASAN_UNPOISON_MEMORY_REGION(stack, sizeof stack);
  (void)set_signal_mask(mask);
  return pid < 0 ? -error : pid;
}

/* A child that failed is nobody's business but ours: it is gone before anybody could hear of it. */
static void reap(pid_t pid) {
  siginfo_t ignored;
  while (waitid(P_PID, (id_t)pid, &ignored, WEXITED) < 0 && errno == EINTR)
    continue;
}

static napi_value failure(napi_env env, const struct report *report) {
  napi_value result;
  NAPI_TRY(env, napi_create_object(env, &result));
  if (!set_number(env, result, "step", report->step) || !set_number(env, result, "errno", report->error) ||
      !set_number(env, result, "argument", report->argument))
    return NULL;
  return result;
}

static napi_value no_child(napi_env env, pid_t error) {
  const struct report report = {.step = STEP_fork, .failed = true, .error = -error};
  return failure(env, &report);
}

napi_value spawn_result(napi_env env, const struct plan *plan, pid_t pid) {
  if (pid < 0)
    return no_child(env, pid);
  if (!plan->report.failed)
    return make_number(env, pid);
  reap(pid);
  return failure(env, &plan->report);
}

/* 1 with a report, 0 at the end, or a negative errno. A report is smaller than a pipe's atom: it comes whole. */
static int get_report(int fd, struct report *report) {
  ssize_t length;
  do
    length = read(fd, report, sizeof *report);
  while (length < 0 && errno == EINTR);
  return length < 0 ? -errno : length == sizeof *report;
}

static napi_value make_paused(napi_env env, pid_t pid, int fd) {
  napi_value result;
  NAPI_TRY(env, napi_create_object(env, &result));
  return set_number(env, result, "pid", pid) && set_number(env, result, "report", fd) ? result : NULL;
}

/* The first report comes when the child is about to stop, or has failed; a second if its exec fails after that. */
static napi_value spawn_paused(napi_env env, struct plan *plan) {
  int fds[2];
  struct report report = {.step = STEP_fork, .failed = true, .error = ECHILD};
  if (pipe2(fds, O_CLOEXEC) < 0)
    return no_child(env, -errno);
  plan->report_fd = fds[1];
  pid_t pid = clone_child(plan);
  (void)close(fds[1]);
  if (pid > 0 && get_report(fds[0], &report) > 0 && !report.failed)
    return make_paused(env, pid, fds[0]);
  (void)close(fds[0]);
  if (pid < 0)
    return no_child(env, pid);
  reap(pid);
  return failure(env, &report);
}

/* spawn(plan) -> pid, { pid, report } of one that stops itself before exec, or { step, errno, argument } */
static napi_value spawn(napi_env env, napi_callback_info info) {
  napi_value object, result = NULL;
  struct arena arena = {NULL};
  struct plan plan;
  if (!get_arguments(env, info, 1, &object))
    return NULL;
  if (read_plan(env, &arena, object, &plan))
    result = plan.pause ? spawn_paused(env, &plan) : spawn_result(env, &plan, clone_child(&plan));
  arena_free(&arena);
  return result;
}

/* readReport(fd) -> { step, errno, argument }, or 0 where the program runs. Waits for whichever it is. */
static napi_value read_report(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct report report;
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  int result = get_report(fd, &report);
  return result > 0 ? failure(env, &report) : make_number(env, result);
}

/* stepNames() -> the names of steps.def, in order */
static napi_value get_step_names(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value names;
  NAPI_TRY(env, napi_create_array_with_length(env, STEP_COUNT, &names));
  for (uint32_t i = 0; i < STEP_COUNT; i++) {
    napi_value name;
    NAPI_TRY(env, napi_create_string_utf8(env, step_names[i], NAPI_AUTO_LENGTH, &name));
    NAPI_TRY(env, napi_set_element(env, names, i, name));
  }
  return names;
}

static const struct {
  const char *name;
  int number;
} resources[] = {
    {"as", RLIMIT_AS},         {"core", RLIMIT_CORE},     {"cpu", RLIMIT_CPU},       {"data", RLIMIT_DATA},
    {"fsize", RLIMIT_FSIZE},   {"memlock", RLIMIT_MEMLOCK}, {"msgqueue", RLIMIT_MSGQUEUE}, {"nice", RLIMIT_NICE},
    {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC},   {"rss", RLIMIT_RSS},       {"rtprio", RLIMIT_RTPRIO},
    {"sigpending", RLIMIT_SIGPENDING}, {"stack", RLIMIT_STACK},
};

/* resourceNumbers() -> this machine's number of each resource that the language can limit */
static napi_value resource_numbers(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result;
  NAPI_TRY(env, napi_create_object(env, &result));
  for (size_t i = 0; i < sizeof resources / sizeof *resources; i++)
    if (!set_number(env, result, resources[i].name, resources[i].number))
      return NULL;
  return result;
}

const struct addon_function spawn_functions[] = {
    {"spawn", spawn},
    {"spawnAll", spawn_all},
    {"readReport", read_report},
    {"stepNames", get_step_names},
    {"resourceNumbers", resource_numbers},
    {NULL, NULL},
};
