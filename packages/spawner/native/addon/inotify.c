/* Watching files: inotify(7). What is read is decoded in JavaScript, a batch at a time. */
#include "napi-util.h"

#include <errno.h>
#include <limits.h>
#include <sys/inotify.h>
#include <unistd.h>

/* inotifyOpen() -> fd, non-blocking and close-on-exec, or a negative errno */
static napi_value inotify_open(napi_env env, napi_callback_info info) {
  (void)info;
  int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  return make_number(env, fd < 0 ? -errno : fd);
}

/* inotifyAdd(fd, path, mask) -> the watch's number, or a negative errno */
static napi_value inotify_add(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  char path[PATH_MAX];
  int fd, error;
  uint32_t mask;
  if (!get_arguments(env, info, 3, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_path(env, arguments[1], path, &error))
    return NULL;
  NAPI_TRY(env, napi_get_value_uint32(env, arguments[2], &mask));
  if (error < 0)
    return make_number(env, error);
  int watch = inotify_add_watch(fd, path, mask);
  return make_number(env, watch < 0 ? -errno : watch);
}

/* inotifyRemove(fd, watch) -> 0 or a negative errno */
static napi_value inotify_remove(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int fd, watch;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_int(env, arguments[1], &watch))
    return NULL;
  return make_number(env, inotify_rm_watch(fd, watch) < 0 ? -errno : 0);
}

/* readFd(fd, buffer) -> bytes read, 0 at the end, or a negative errno: -EAGAIN when there is nothing yet */
static napi_value read_fd(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  void *data;
  size_t length;
  int fd;
  if (!get_arguments(env, info, 2, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_bytes(env, arguments[1], &data, &length))
    return NULL;
  ssize_t count;
  do
    count = read(fd, data, length);
  while (count < 0 && errno == EINTR);
  return make_number(env, count < 0 ? -errno : count);
}

const struct addon_function inotify_functions[] = {
    {"inotifyOpen", inotify_open},
    {"inotifyAdd", inotify_add},
    {"inotifyRemove", inotify_remove},
    {"readFd", read_fd},
    {NULL, NULL},
};
