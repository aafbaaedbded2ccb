/* Becoming another program: what Node itself does not offer. */
#include "arena.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { KERNEL_SIGNALS = 64 };

/* The kernel's struct sigaction: at most four words. The first is the handler on every machine that we build for. */
struct action {
  uint64_t words[8];
};
enum { DEFAULT_ACTION = 0, IGNORED = 1 };

struct before {
  uint64_t ignored; /* signals, a bit each */
  int descriptor_flags[3], status_flags[3];
  uint64_t mask;
  struct rlimit open_files;
};

struct program {
  char *path, **argv, **envp;
  uint32_t *keep; /* descriptors that it is to find open under the same numbers */
  int *keep_flags;
  uint32_t keep_count;
  bool has_soft_nofile;
  uint64_t soft_nofile;
};

static uint64_t set_mask(uint64_t mask) {
  uint64_t old = 0;
  (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &old, sizeof mask); /* can't fail with these arguments */
  return old;
}

static void set_action(int signal, uint64_t handler) {
  struct action action = {{handler}};
  (void)syscall(SYS_rt_sigaction, signal, &action, NULL, KERNEL_SIGNALS / 8);
}

/*
 * Ignored signals stay ignored in the new program, so they are set free. Caught ones are set free by exec itself: until
 * then their handlers stay, for without them a signal that arrives in this very moment would end us.
 */
static uint64_t stop_ignoring(void) {
  uint64_t ignored = 0;
  for (int signal = 1; signal <= KERNEL_SIGNALS; signal++) {
    struct action action = {{DEFAULT_ACTION}};
    (void)syscall(SYS_rt_sigaction, signal, NULL, &action, KERNEL_SIGNALS / 8);
    if (action.words[0] != IGNORED)
      continue;
    ignored |= UINT64_C(1) << (signal - 1);
    set_action(signal, DEFAULT_ACTION);
  }
  return ignored;
}

static void ignore_again(uint64_t ignored) {
  for (int signal = 1; signal <= KERNEL_SIGNALS; signal++)
    if ((ignored >> (signal - 1) & 1) != 0)
      set_action(signal, IGNORED);
}

/*
 * libuv marks the standard descriptors close-on-exec and may have made them non-blocking: a program that starts with
 * them expects neither. One that is closed has no flags, and stays closed.
 */
static void release_stdio(struct before *before) {
  for (int fd = 0; fd < 3; fd++) {
    before->descriptor_flags[fd] = fcntl(fd, F_GETFD);
    before->status_flags[fd] = fcntl(fd, F_GETFL);
    if (before->descriptor_flags[fd] < 0)
      continue;
    (void)fcntl(fd, F_SETFD, 0);
    (void)fcntl(fd, F_SETFL, before->status_flags[fd] & ~O_NONBLOCK);
  }
}

static void take_back_stdio(struct before *before) {
  for (int fd = 0; fd < 3; fd++) {
    if (before->descriptor_flags[fd] < 0)
      continue;
    (void)fcntl(fd, F_SETFD, before->descriptor_flags[fd]);
    (void)fcntl(fd, F_SETFL, before->status_flags[fd]);
  }
}

/* True when the limit is another now. */
static bool lower_open_files(const struct program *program, struct before *before) {
  if (!program->has_soft_nofile || getrlimit(RLIMIT_NOFILE, &before->open_files) < 0)
    return false;
  struct rlimit limit = before->open_files;
  if (limit.rlim_cur <= program->soft_nofile)
    return false;
  limit.rlim_cur = program->soft_nofile;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/* Their close-on-exec flags, to be put back if we stay. A descriptor that is not open is an error before all else. */
static int look_at_kept(struct program *program) {
  for (uint32_t i = 0; i < program->keep_count; i++) {
    program->keep_flags[i] = fcntl((int)program->keep[i], F_GETFD);
    if (program->keep_flags[i] < 0)
      return -errno;
  }
  return 0;
}

static void keep_open(const struct program *program, bool keep) {
  for (uint32_t i = 0; i < program->keep_count; i++)
    (void)fcntl((int)program->keep[i], F_SETFD, keep ? program->keep_flags[i] & ~FD_CLOEXEC : program->keep_flags[i]);
}

/* Comes back only with a negative errno, and then everything is as it was. */
static int become(struct program *program) {
  struct before before;
  int error = look_at_kept(program);
  if (error < 0)
    return error;
  release_stdio(&before);
  before.ignored = stop_ignoring();
  before.mask = set_mask(0);
  keep_open(program, true);
  bool lowered = lower_open_files(program, &before);
  (void)execve(program->path, program->argv, program->envp);
  error = errno;
  if (lowered)
    (void)setrlimit(RLIMIT_NOFILE, &before.open_files); /* what it was, and so at most the hard limit */
  keep_open(program, false);
  (void)set_mask(before.mask);
  ignore_again(before.ignored);
  take_back_stdio(&before);
  return -error;
}

static bool read_program(napi_env env, struct arena *arena, napi_value object, struct program *program) {
  napi_value value;
  bool present;
  if (!read_property(env, object, "path", &value, &present) || !read_string(env, arena, value, &program->path) ||
      !read_strings(env, arena, object, "argv", 0, &program->argv) ||
      !read_strings(env, arena, object, "env", 0, &program->envp) ||
      !read_uint32s(env, arena, object, "keep", &present, &program->keep, &program->keep_count) ||
      !read_optional_bigint(env, object, "softNofile", &program->has_soft_nofile, &program->soft_nofile))
    return false;
  program->keep_flags = arena_alloc(env, arena, sizeof *program->keep_flags * program->keep_count);
  return program->keep_flags != NULL;
}

/* execProcess({ path, argv, env, keep, softNofile }) -> a negative errno, or never */
static napi_value exec_process(napi_env env, napi_callback_info info) {
  napi_value object;
  struct arena arena = {NULL};
  struct program program = {.keep_count = 0};
  if (!get_arguments(env, info, 1, &object))
    return NULL;
  bool read = read_program(env, &arena, object, &program);
  int result = read ? become(&program) : 0;
  arena_free(&arena);
  return read ? make_number(env, result) : NULL;
}

/* closeOnExec(fd) -> 0 or a negative errno */
static napi_value close_on_exec(napi_env env, napi_callback_info info) {
  napi_value argument;
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  return make_number(env, fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0);
}

const struct addon_function exec_functions[] = {
    {"execProcess", exec_process},
    {"closeOnExec", close_on_exec},
    {NULL, NULL},
};
