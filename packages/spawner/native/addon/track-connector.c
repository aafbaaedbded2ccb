/* The process connector for JavaScript: called when a followed process has news, and not for the rest of the machine. */
#include "connector.h"
#include "watch.h"

#include <errno.h>
#include <stdlib.h>

enum { MOST_BATCHES = 256 };

static void free_connector(void *data) {
  struct connector *connector = data;
  connector_unsubscribe(connector->fd);
  free(connector->pids);
  free(connector->events);
  free(connector);
}

static bool has_news(const struct connector *connector) {
  return connector->event_count > 0 || connector->overrun;
}

static void on_readable(uv_poll_t *handle, int status, int events) {
  (void)events;
  struct watch *watch = uv_handle_get_data((uv_handle_t *)handle);
  struct connector *connector = watch->data;
  /* libuv reports an overrun, which is an error of the socket, as a failure of its own and stops watching. */
  if (status < 0)
    (void)uv_poll_start(handle, UV_READABLE, on_readable);
  int result = connector_read(connector);
  if (result < 0 || has_news(connector))
    watch_call(watch, result);
}

static struct connector *new_connector(int *error) {
  struct connector *connector = calloc(1, sizeof *connector);
  *error = -ENOMEM;
  if (connector == NULL)
    return NULL;
  connector->fd = *error = connector_subscribe();
  if (connector->fd >= 0)
    return connector;
  free(connector);
  return NULL;
}

static int start_poll(uv_handle_t *handle, int fd, int events) {
  (void)fd;
  return uv_poll_start((uv_poll_t *)handle, events, on_readable);
}

static const struct watch_kind connector_kind = {UV_POLL, "poll", "maverick:connector", init_poll, start_poll,
                                                 free_connector};

/*
 * connectorOpen(callback) -> handle, or a negative errno: -ENOTCONN where the kernel does not promise to report. The
 * callback gets 0, or the errno of a socket that failed.
 */
static napi_value connector_open(napi_env env, napi_callback_info info) {
  napi_value callback;
  int error;
  if (!get_arguments(env, info, 1, &callback))
    return NULL;
  struct connector *connector = new_connector(&error);
  if (connector == NULL)
    return make_number(env, error);
  return watch_open(env, &connector_kind, connector->fd, UV_READABLE, callback, connector);
}

static bool get_open(napi_env env, napi_value value, struct connector **connector) {
  struct watch *watch;
  if (!get_watch(env, value, &watch))
    return false;
  *connector = watch_is_open(watch) ? watch->data : NULL;
  return true;
}

static napi_value with_pid(napi_env env, napi_callback_info info, bool follow) {
  napi_value arguments[2];
  struct connector *connector;
  int pid;
  if (!get_arguments(env, info, 2, arguments) || !get_open(env, arguments[0], &connector) ||
      !get_int(env, arguments[1], &pid))
    return NULL;
  if (connector == NULL)
    return make_number(env, -EBADF);
  if (!follow)
    connector_remove_pid(connector, pid);
  else if (!connector_add_pid(connector, pid))
    return make_number(env, -ENOMEM);
  return make_number(env, 0);
}

/* connectorFollow(handle, pid) -> 0 or a negative errno. Its children are followed from their beginning. */
static napi_value connector_follow(napi_env env, napi_callback_info info) {
  return with_pid(env, info, true);
}

/* connectorForget(handle, pid) -> 0 or a negative errno */
static napi_value connector_forget(napi_env env, napi_callback_info info) {
  return with_pid(env, info, false);
}

static bool fill_events(napi_env env, napi_value array, const struct connector *connector) {
  for (size_t i = 0; i < connector->event_count; i++) {
    const int row[] = {connector->events[i].kind, connector->events[i].pid, connector->events[i].detail};
    for (uint32_t column = 0; column < 3; column++) {
      napi_value value = make_number(env, row[column]);
      if (value == NULL)
        return false;
      NAPI_CHECK(env, napi_set_element(env, array, (uint32_t)i * 3 + column, value));
    }
  }
  return true;
}

/* connectorTake(handle) -> [kind, pid, detail, …] of all that has happened until now, in order */
static napi_value connector_take(napi_env env, napi_callback_info info) {
  napi_value argument, array;
  struct connector *connector;
  if (!get_arguments(env, info, 1, &argument) || !get_open(env, argument, &connector))
    return NULL;
  NAPI_TRY(env, napi_create_array(env, &array));
  if (connector == NULL)
    return array;
  /* The rest of the machine may be as fast as we are. */
  for (int batch = 0; batch < MOST_BATCHES && connector_read(connector) > 0; batch++)
    continue;
  if (!fill_events(env, array, connector))
    return NULL;
  connector->event_count = 0;
  return array;
}

/* connectorOverrun(handle) -> whether events have been lost since the last call */
static napi_value connector_overrun(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  struct connector *connector;
  if (!get_arguments(env, info, 1, &argument) || !get_open(env, argument, &connector))
    return NULL;
  bool overrun = connector != NULL && connector->overrun;
  if (connector != NULL)
    connector->overrun = false;
  NAPI_TRY(env, napi_get_boolean(env, overrun, &result));
  return result;
}

const struct addon_function connector_functions[] = {
    {"connectorOpen", connector_open},       {"connectorFollow", connector_follow},
    {"connectorForget", connector_forget},   {"connectorTake", connector_take},
    {"connectorOverrun", connector_overrun}, {NULL, NULL},
};
