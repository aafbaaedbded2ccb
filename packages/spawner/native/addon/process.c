/* Running processes: signals to them, news of them, and becoming another program ourselves. */
#include "arena.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static void on_signal(uv_signal_t *handle, int signal) {
  watch_call(uv_handle_get_data((uv_handle_t *)handle), signal);
}

static int init_signal(uv_loop_t *loop, uv_handle_t *handle, int signal) {
  (void)signal;
  return uv_signal_init(loop, (uv_signal_t *)handle);
}

static int start_signal(uv_handle_t *handle, int signal, int events) {
  (void)events;
  return uv_signal_start((uv_signal_t *)handle, on_signal, signal);
}

static const struct watch_kind signal_kind = {UV_SIGNAL, "signal", "maverick:signal", init_signal, start_signal, NULL};

/*
 * signalStart(signal, callback) -> handle, or a negative errno. libuv's own signal watch: it lives beside Node's and
 * child_process's, and keeps the loop alive, which process.on() does not.
 */
static napi_value signal_start(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int signal;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &signal))
    return NULL;
  return watch_open(env, &signal_kind, signal, 0, arguments[1], NULL);
}

/*
 * waitChild(pid) -> { pid, code, status } as in siginfo, or a negative errno; 0 when there is no news. pid 0: any
 * child. Never waits.
 */
static napi_value wait_child(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  int pid;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &pid))
    return NULL;
  siginfo_t news = {.si_pid = 0};
  while (waitid(pid == 0 ? P_ALL : P_PID, (id_t)pid, &news, WEXITED | WSTOPPED | WCONTINUED | WNOHANG) < 0)
    if (errno != EINTR)
      return make_number(env, -errno);
  if (news.si_pid == 0)
    return make_number(env, 0);
  NAPI_TRY(env, napi_create_object(env, &result));
  if (!set_number(env, result, "pid", news.si_pid) || !set_number(env, result, "code", news.si_code) ||
      !set_number(env, result, "status", news.si_status))
    return NULL;
  return result;
}

/*
 * The process group of `pid` as kill(2) wants it; the process itself where that is our own group, or everybody. The
 * group of a leader that is gone has its number, which is not used again as long as the group lives.
 */
static pid_t group_of(pid_t pid) {
  pid_t group = getpgid(pid);
  if (group < 0)
    group = pid;
  return group <= 1 || group == getpgrp() ? pid : -group;
}

/* killProcess(pid, signal, group) -> 0 or a negative errno */
static napi_value kill_process(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int pid, signal;
  bool group;
  if (!get_arguments(env, info, 3, arguments) || !get_int(env, arguments[0], &pid) ||
      !get_int(env, arguments[1], &signal) || !get_bool(env, arguments[2], &group))
    return NULL;
  if (pid <= 0)
    return make_number(env, -ESRCH);
  return make_number(env, kill(group ? group_of(pid) : pid, signal) < 0 ? -errno : 0);
}

/* setSubreaper(enabled) -> 0 or a negative errno */
static napi_value set_subreaper(napi_env env, napi_callback_info info) {
  napi_value argument;
  bool enabled;
  if (!get_arguments(env, info, 1, &argument) || !get_bool(env, argument, &enabled))
    return NULL;
  return make_number(env, prctl(PR_SET_CHILD_SUBREAPER, enabled ? 1L : 0L, 0L, 0L, 0L) < 0 ? -errno : 0);
}

/* errnoMessage(errno) -> strerror's text; the daemon never sets a locale, so it is the C locale's */
static napi_value errno_message(napi_env env, napi_callback_info info) {
  napi_value argument, text;
  int error;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &error))
    return NULL;
  NAPI_TRY(env, napi_create_string_utf8(env, strerror(error), NAPI_AUTO_LENGTH, &text));
  return text;
}

/* exitNow(status): never returns. Atexit handlers, Node's among them, are not run. */
static napi_value exit_now(napi_env env, napi_callback_info info) {
  napi_value argument;
  int status;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &status))
    return NULL;
  _exit(status);
}

/* trimMemory(). A libc that has nothing of the kind keeps little. */
static napi_value trim_memory(napi_env env, napi_callback_info info) {
  (void)info;
#ifdef __GLIBC__
  (void)malloc_trim(0); /* whether there was anything to give back */
#endif
  return make_undefined(env);
}

const struct addon_function process_functions[] = {
    {"signalStart", signal_start},
    {"waitChild", wait_child},
    {"killProcess", kill_process},
    {"setSubreaper", set_subreaper},
    {"trimMemory", trim_memory},
    {"errnoMessage", errno_message},
    {"exitNow", exit_now},
    {NULL, NULL},
};
