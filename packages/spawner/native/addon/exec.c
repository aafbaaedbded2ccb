/* Becoming another program: what Node itself does not offer. */
#include "arena.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { KERNEL_SIGNALS = 64 };

/* The kernel's struct sigaction: at most four words, laid out differently from machine to machine. */
struct action {
  uint64_t words[8];
};

struct before {
  struct action actions[KERNEL_SIGNALS + 1];
  int descriptor_flags[3], status_flags[3];
  uint64_t mask;
};

static uint64_t set_mask(uint64_t mask) {
  uint64_t old = 0;
  (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &old, sizeof mask); /* can't fail with these arguments */
  return old;
}

/* Failures are for SIGKILL and SIGSTOP, which need nothing. */
static void reset_signals(struct before *before) {
  static const struct action by_default;
  for (int signal = 1; signal <= KERNEL_SIGNALS; signal++)
    (void)syscall(SYS_rt_sigaction, signal, &by_default, &before->actions[signal], KERNEL_SIGNALS / 8);
}

static void restore_signals(struct before *before) {
  for (int signal = 1; signal <= KERNEL_SIGNALS; signal++)
    (void)syscall(SYS_rt_sigaction, signal, &before->actions[signal], NULL, KERNEL_SIGNALS / 8);
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

/* Comes back only with a negative errno, and then everything is as it was. */
static int become(const char *path, char **argv, char **envp) {
  struct before before;
  before.mask = set_mask(~UINT64_C(0));
  reset_signals(&before);
  release_stdio(&before);
  (void)set_mask(0);
  (void)execve(path, argv, envp);
  int error = errno;
  (void)set_mask(~UINT64_C(0));
  take_back_stdio(&before);
  restore_signals(&before);
  (void)set_mask(before.mask);
  return -error;
}

/* execProcess({ path, argv, env }) -> a negative errno, or never */
static napi_value exec_process(napi_env env, napi_callback_info info) {
  napi_value object, value;
  struct arena arena = {NULL};
  char *path, **argv, **envp;
  bool present;
  if (!get_arguments(env, info, 1, &object))
    return NULL;
  bool read = read_property(env, object, "path", &value, &present) && read_string(env, &arena, value, &path) &&
              read_strings(env, &arena, object, "argv", 0, &argv) && read_strings(env, &arena, object, "env", 0, &envp);
  int result = read ? become(path, argv, envp) : 0;
  arena_free(&arena);
  return read ? make_number(env, result) : NULL;
}

const struct addon_function exec_functions[] = {
    {"execProcess", exec_process},
    {NULL, NULL},
};
