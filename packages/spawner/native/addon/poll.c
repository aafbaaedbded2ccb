/* Waiting for a descriptor inside Node's own loop, by uv_poll. */
#include "watch.h"

/* libuv's answer and its events in one number: negative is an errno. */
static void on_poll(uv_poll_t *handle, int status, int events) {
  watch_call(uv_handle_get_data((uv_handle_t *)handle), status < 0 ? status : events);
}

int init_poll(uv_loop_t *loop, uv_handle_t *handle, int fd) {
  return uv_poll_init(loop, (uv_poll_t *)handle, fd);
}

static int start_poll(uv_handle_t *handle, int fd, int events) {
  (void)fd;
  return uv_poll_start((uv_poll_t *)handle, events, on_poll);
}

static const struct watch_kind poll_kind = {UV_POLL, "poll", "maverick:poll", init_poll, start_poll, NULL};

/* pollStart(fd, events, callback) -> handle, or a negative errno. */
static napi_value poll_start(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int fd, events;
  if (!get_arguments(env, info, 3, arguments) || !get_int(env, arguments[0], &fd) ||
      !get_int(env, arguments[1], &events))
    return NULL;
  return watch_open(env, &poll_kind, fd, events, arguments[2], NULL);
}

/* pollUpdate(handle, events): 0 events pauses it. -> 0 or a negative errno. */
static napi_value poll_update(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct watch *watch;
  int events;
  if (!get_arguments(env, info, 2, arguments) || !get_watch(env, arguments[0], &watch) ||
      !get_int(env, arguments[1], &events))
    return NULL;
  if (!watch_is_open(watch))
    return make_number(env, 0);
  uv_poll_t *handle = (uv_poll_t *)watch->handle;
  return make_number(env, events == 0 ? uv_poll_stop(handle) : uv_poll_start(handle, events, on_poll));
}

/* watchClose(handle): no call comes after this. The descriptor stays open. */
static napi_value watch_close_call(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct watch *watch;
  if (!get_arguments(env, info, 1, &argument) || !get_watch(env, argument, &watch))
    return NULL;
  watch_close(watch);
  return make_undefined(env);
}

/* watchRef(handle, keep): whether it keeps the loop, and so the process, alive. */
static napi_value watch_ref(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct watch *watch;
  bool keep;
  if (!get_arguments(env, info, 2, arguments) || !get_watch(env, arguments[0], &watch) ||
      !get_bool(env, arguments[1], &keep))
    return NULL;
  if (watch_is_open(watch))
    (keep ? uv_ref : uv_unref)(watch->handle);
  return make_undefined(env);
}

const struct addon_function poll_functions[] = {
    {"pollStart", poll_start},
    {"pollUpdate", poll_update},
    {"watchClose", watch_close_call},
    {"watchRef", watch_ref},
    {NULL, NULL},
};
