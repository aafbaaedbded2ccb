/* Timers of the kernel on clocks that Node's timers do not know: timerfd_create(2). */
#include "napi-util.h"

#include <errno.h>
#include <math.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MS_PER_SECOND = 1000, NS_PER_MS = 1000000 };

/* clockNow(clock) -> milliseconds on one of the kernel's clocks, or a negative errno */
static napi_value clock_now(napi_env env, napi_callback_info info) {
  napi_value argument, value;
  int clock;
  struct timespec now;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &clock))
    return NULL;
  if (clock_gettime((clockid_t)clock, &now) < 0)
    return make_number(env, -errno);
  double ms = (double)now.tv_sec * MS_PER_SECOND + (double)now.tv_nsec / NS_PER_MS;
  NAPI_TRY(env, napi_create_double(env, ms, &value));
  return value;
}

/* timerOpen(clock) -> fd, or a negative errno */
static napi_value timer_open(napi_env env, napi_callback_info info) {
  napi_value argument;
  int clock;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &clock))
    return NULL;
  int fd = timerfd_create((clockid_t)clock, TFD_NONBLOCK | TFD_CLOEXEC);
  return make_number(env, fd < 0 ? -errno : fd);
}

/* A time that is past is now; the timer must not be switched off by a zero. One too far away is as far as can be. */
static struct timespec due_at(double ms) {
  static const double farthest = 9e15; /* seconds: beyond what the kernel's nanoseconds can hold, it takes its own */
  double seconds = floor(ms / MS_PER_SECOND);
  if (!(seconds < farthest))
    return (struct timespec){.tv_sec = sizeof(time_t) == 8 ? (time_t)farthest : (time_t)INT32_MAX};
  long rest = (long)((ms - seconds * MS_PER_SECOND) * NS_PER_MS);
  return ms <= 0 ? (struct timespec){.tv_nsec = 1} : (struct timespec){(time_t)seconds, rest > 0 ? rest : 1};
}

/*
 * timerSet(fd, atMs, tellsOfChanges) -> 0 or a negative errno: due once when its clock shows `atMs`. With the last one
 * reading it fails with ECANCELED when the clock was set.
 */
static napi_value timer_set(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int fd;
  double at;
  bool tells;
  if (!get_arguments(env, info, 3, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_bool(env, arguments[2], &tells))
    return NULL;
  NAPI_TRY(env, napi_get_value_double(env, arguments[1], &at));
  struct itimerspec timer = {.it_value = due_at(at)};
  int flags = TFD_TIMER_ABSTIME | (tells ? TFD_TIMER_CANCEL_ON_SET : 0);
  return make_number(env, timerfd_settime(fd, flags, &timer, NULL) < 0 ? -errno : 0);
}

/* timerStop(fd) -> 0 or a negative errno */
static napi_value timer_stop(napi_env env, napi_callback_info info) {
  napi_value argument;
  static const struct itimerspec off;
  int fd;
  if (!get_arguments(env, info, 1, &argument) || !get_int(env, argument, &fd))
    return NULL;
  return make_number(env, timerfd_settime(fd, 0, &off, NULL) < 0 ? -errno : 0);
}

const struct addon_function clock_functions[] = {
    {"clockNow", clock_now},
    {"timerOpen", timer_open},
    {"timerSet", timer_set},
    {"timerStop", timer_stop},
    {NULL, NULL},
};
