/* The log pump as JavaScript sees it. */
#include "arena.h"
#include "log-pump.h"

#include <errno.h>
#include <stdlib.h>

/* Lives as long as JavaScript holds it; the pump in it until it is stopped. */
struct holder {
  struct log_pump *pump;
};

static void stop(void *data) {
  struct holder *holder = data;
  if (holder->pump != NULL)
    pump_stop(holder->pump);
  holder->pump = NULL;
}

static void on_released(napi_env env, void *data, void *hint) {
  (void)hint;
  (void)napi_remove_env_cleanup_hook(env, stop, data);
  stop(data);
  free(data);
}

/* logStart() -> pump, or a negative errno */
static napi_value log_start(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value value;
  struct holder *holder = calloc(1, sizeof *holder);
  if (holder == NULL)
    return make_number(env, -ENOMEM);
  holder->pump = pump_start();
  if (holder->pump == NULL) {
    int error = errno;
    free(holder);
    return make_number(env, -error);
  }
  if (napi_add_env_cleanup_hook(env, stop, holder) == napi_ok &&
      napi_create_external(env, holder, on_released, NULL, &value) == napi_ok)
    return value;
  (void)napi_remove_env_cleanup_hook(env, stop, holder);
  stop(holder);
  free(holder);
  return throw_last_error(env);
}

/* False with an exception when the pump was stopped: the caller has lost track of it. */
static bool get_pump(napi_env env, napi_value value, struct log_pump **pump) {
  void *data;
  NAPI_CHECK(env, napi_get_value_external(env, value, &data));
  *pump = ((struct holder *)data)->pump;
  if (*pump != NULL)
    return true;
  (void)napi_throw_error(env, "ERR_INVALID_STATE", "the log pump has been stopped");
  return false;
}

/* logNoticeFd(pump) -> a descriptor that is readable when there are notices */
static napi_value log_notice_fd(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct log_pump *pump;
  if (!get_arguments(env, info, 1, &argument) || !get_pump(env, argument, &pump))
    return NULL;
  return make_number(env, pump_notice_fd(pump));
}

/* logAdd(pump, source, path) -> the log's number, or a negative errno; only then `source` is still the caller's */
static napi_value log_add(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  struct log_pump *pump;
  struct arena arena = {NULL};
  char *path;
  int source;
  if (!get_arguments(env, info, 3, arguments) || !get_pump(env, arguments[0], &pump) ||
      !get_int(env, arguments[1], &source))
    return NULL;
  bool read = read_string(env, &arena, arguments[2], &path);
  int64_t result = read ? pump_add(pump, source, path) : 0;
  arena_free(&arena);
  return read ? make_number(env, result) : NULL;
}

/* logDrain(pump, log) -> 0 or a negative errno; a notice tells when it is done */
static napi_value log_drain(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct log_pump *pump;
  uint32_t log;
  if (!get_arguments(env, info, 2, arguments) || !get_pump(env, arguments[0], &pump))
    return NULL;
  NAPI_TRY(env, napi_get_value_uint32(env, arguments[1], &log));
  return make_number(env, pump_drain(pump, log));
}

/* logFlush(pump) -> 0 or a negative errno */
static napi_value log_flush_call(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct log_pump *pump;
  if (!get_arguments(env, info, 1, &argument) || !get_pump(env, argument, &pump))
    return NULL;
  return make_number(env, pump_flush(pump));
}

static const char *const notice_names[] = {
    [NOTICE_DRAINED] = "drained",
    [NOTICE_UNWRITABLE] = "unwritable",
    [NOTICE_DROPPED] = "dropped",
    [NOTICE_ENDED] = "ended",
};

static bool push_notice(napi_env env, napi_value array, uint32_t index, const struct message *notice) {
  napi_value object, kind;
  NAPI_CHECK(env, napi_create_object(env, &object));
  NAPI_CHECK(env, napi_create_string_utf8(env, notice_names[notice->kind], NAPI_AUTO_LENGTH, &kind));
  NAPI_CHECK(env, napi_set_named_property(env, object, "kind", kind));
  if (!set_number(env, object, "log", notice->log) || !set_number(env, object, "number", (int64_t)notice->number))
    return false;
  NAPI_CHECK(env, napi_set_element(env, array, index, object));
  return true;
}

/* logTakeNotices(pump) -> [{ kind, log, number }], oldest first */
static napi_value log_take_notices(napi_env env, napi_callback_info info) {
  napi_value argument, array;
  struct log_pump *pump;
  if (!get_arguments(env, info, 1, &argument) || !get_pump(env, argument, &pump))
    return NULL;
  NAPI_TRY(env, napi_create_array(env, &array));
  uint32_t index = 0;
  bool pushed = true;
  for (struct message *notice = pump_take_notices(pump), *next; notice != NULL; notice = next) {
    next = notice->next;
    pushed = pushed && push_notice(env, array, index++, notice);
    free(notice);
  }
  return pushed ? array : NULL;
}

/* logStop(pump): takes in and writes what is there, and ends. Does nothing the second time. */
static napi_value log_stop(napi_env env, napi_callback_info info) {
  napi_value argument;
  void *data;
  if (!get_arguments(env, info, 1, &argument))
    return NULL;
  NAPI_TRY(env, napi_get_value_external(env, argument, &data));
  stop(data);
  return make_undefined(env);
}

const struct addon_function log_functions[] = {
    {"logStart", log_start},
    {"logNoticeFd", log_notice_fd},
    {"logAdd", log_add},
    {"logDrain", log_drain},
    {"logFlush", log_flush_call},
    {"logTakeNotices", log_take_notices},
    {"logStop", log_stop},
    {NULL, NULL},
};
