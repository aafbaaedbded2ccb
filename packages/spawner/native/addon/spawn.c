/* Starting a process: a child by clone that shares our memory until it execs, so its cost does not grow with ours. */
#include "read-plan.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const step_names[STEP_COUNT] = {
#define PARENT(name) [STEP_##name] = #name,
#define DECIDED(name) [STEP_##name] = #name,
#define CHILD(name) [STEP_##name] = #name,
#include "steps.def"
#undef PARENT
#undef DECIDED
#undef CHILD
};

enum { STACK_SIZE = 64 * 1024 };

/*
 * By the kernel's call and not libc's, which leaves out the signals that libc uses among threads: the child must not
 * run their handlers either.
 */
static uint64_t set_mask(uint64_t mask) {
  uint64_t old = 0;
  (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &old, sizeof mask); /* can't fail with these arguments */
  return old;
}

/* A pid, or a negative errno. Returns when the child has exec'd or ended. */
static pid_t clone_child(struct plan *plan, size_t guard) {
  char *stack = mmap(NULL, guard + STACK_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED)
    return -errno;
  pid_t pid = -1;
  if (mprotect(stack + guard, STACK_SIZE, PROT_READ | PROT_WRITE) == 0) {
    uint64_t mask = set_mask(~UINT64_C(0));
    pid = clone(run_child, stack + guard + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD, plan);
    int error = errno;
    (void)set_mask(mask);
    errno = error;
  }
  if (pid < 0)
    pid = -errno;
  (void)munmap(stack, guard + STACK_SIZE);
  return pid;
}

/* A child that failed is nobody's business but ours: it is gone before anybody could hear of it. */
static void reap(pid_t pid) {
  siginfo_t ignored;
  while (waitid(P_PID, (id_t)pid, &ignored, WEXITED) < 0 && errno == EINTR)
    continue;
}

static napi_value failure(napi_env env, enum step step, int error, uint32_t argument) {
  napi_value result;
  NAPI_TRY(env, napi_create_object(env, &result));
  if (!set_number(env, result, "step", step) || !set_number(env, result, "errno", error) ||
      !set_number(env, result, "argument", argument))
    return NULL;
  return result;
}

/* spawn(plan) -> pid, or { step, errno, argument } */
static napi_value spawn(napi_env env, napi_callback_info info) {
  napi_value object;
  struct arena arena = {NULL};
  struct plan plan;
  if (!get_arguments(env, info, 1, &object))
    return NULL;
  if (!read_plan(env, &arena, object, &plan)) {
    arena_free(&arena);
    return NULL;
  }
  pid_t pid = clone_child(&plan, (size_t)sysconf(_SC_PAGESIZE));
  arena_free(&arena);
  if (pid < 0)
    return failure(env, STEP_fork, -pid, 0);
  if (!plan.failed)
    return make_number(env, pid);
  reap(pid);
  return failure(env, plan.step, plan.error, plan.argument);
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
    {"stepNames", get_step_names},
    {"resourceNumbers", resource_numbers},
    {NULL, NULL},
};
