/*
 * Descriptors that name a process for good: its pid may be used again, they never mean another process. One epoll
 * descriptor waits for many of them, so that a watched process costs no handle of the loop and no JavaScript object.
 */
#include "napi-util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* The first version of the kernel's struct pidfd_info, which is newer than most headers: Linux 6.13. */
struct pidfd_info_v0 {
  uint64_t mask, cgroup;
  uint32_t pid, tgid, ppid, ids[8];
  int32_t exit_code;
};

#define GET_INFO _IOWR(0xFF, 11, struct pidfd_info_v0)

enum { INFO_EXIT = 1 << 3 }; /* Linux 6.15 */
enum { BATCH = 128 };

/* pidfdOpen(pid) -> fd or a negative errno: -ESRCH when there is no such process, -ENOSYS before Linux 5.3 */
static napi_value pidfd_open_call(napi_env env, napi_callback_info info) {
  napi_value argument;
  int pid;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &pid))
    return NULL;
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  return make_number(env, fd < 0 ? -errno : fd);
}

/* pidfdStatus(fd) -> the wait status of a process that has been waited for, or a negative errno: -ENODATA, not known */
static napi_value pidfd_status(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct pidfd_info_v0 process = {.mask = INFO_EXIT};
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  if (ioctl(fd, GET_INFO, &process) < 0)
    return make_number(env, -errno);
  return make_number(env, (process.mask & INFO_EXIT) != 0 ? process.exit_code : -ENODATA);
}

/* pidfdSignal(fd, signal) -> 0 or a negative errno; signal 0 asks whether the process is there */
static napi_value pidfd_signal(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int fd, signal;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_int(env, arguments[1], &signal))
    return NULL;
  return make_number(env, syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) < 0 ? -errno : 0);
}

/* pidfdSetOpen() -> the descriptor of a new set, readable when one of its processes has news; or a negative errno */
static napi_value set_open(napi_env env, napi_callback_info info) {
  (void)info;
  int fd = epoll_create1(EPOLL_CLOEXEC);
  return make_number(env, fd < 0 ? -errno : fd);
}

static napi_value change(napi_env env, napi_callback_info info, int operation, uint32_t events) {
  napi_value arguments[2];
  int set, fd;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &set) ||
      !get_int(env, arguments[1], &fd))
    return NULL;
  struct epoll_event event = {.events = events, .data = {.fd = fd}};
  return make_number(env, epoll_ctl(set, operation, fd, &event) < 0 ? -errno : 0);
}

/* pidfdSetAdd(set, fd) -> 0 or a negative errno. The news is: it has ended. Closing the fd takes it out again. */
static napi_value set_add(napi_env env, napi_callback_info info) {
  return change(env, info, EPOLL_CTL_ADD, EPOLLIN);
}

/* pidfdSetAwaitReaped(set, fd) -> 0 or a negative errno. The news is: it has been waited for, by whoever should. */
static napi_value set_await_reaped(napi_env env, napi_callback_info info) {
  return change(env, info, EPOLL_CTL_MOD, 0); /* EPOLLHUP comes unasked */
}

/* pidfdSetTake(set) -> the fds that have news, some of them: the set stays readable while there are more */
static napi_value set_take(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  struct epoll_event events[BATCH];
  int set;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &set))
    return NULL;
  int count;
  do
    count = epoll_wait(set, events, BATCH, 0);
  while (count < 0 && errno == EINTR);
  if (count < 0)
    return make_number(env, -errno);
  NAPI_TRY(env, napi_create_array_with_length(env, (size_t)count, &result));
  for (uint32_t i = 0; i < (uint32_t)count; i++) {
    napi_value fd = make_number(env, events[i].data.fd);
    if (fd == NULL)
      return NULL;
    NAPI_TRY(env, napi_set_element(env, result, i, fd));
  }
  return result;
}

const struct addon_function pidfd_functions[] = {
    {"pidfdOpen", pidfd_open_call},
    {"pidfdStatus", pidfd_status},
    {"pidfdSignal", pidfd_signal},
    {"pidfdSetOpen", set_open},
    {"pidfdSetAdd", set_add},
    {"pidfdSetAwaitReaped", set_await_reaped},
    {"pidfdSetTake", set_take},
    {NULL, NULL},
};
