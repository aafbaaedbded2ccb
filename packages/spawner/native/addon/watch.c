#include "watch.h"

#include <stdlib.h>
#include <string.h>

static void free_if_unused(struct watch *watch) {
  if (watch->handle == NULL && !watch->held)
    free(watch);
}

static void forget_callback(struct watch *watch) {
  /* Nothing can be done about a failure here, and nothing depends on it. */
  if (watch->context != NULL)
    (void)napi_async_destroy(watch->env, watch->context);
  if (watch->callback != NULL)
    (void)napi_delete_reference(watch->env, watch->callback);
  watch->context = NULL;
  watch->callback = NULL;
}

static void forget_data(struct watch *watch) {
  if (watch->free_data != NULL)
    watch->free_data(watch->data);
  watch->data = NULL;
  watch->free_data = NULL;
}

static bool make_context(struct watch *watch, const char *name, napi_value callback) {
  napi_value text;
  return napi_create_reference(watch->env, callback, 1, &watch->callback) == napi_ok &&
         napi_create_string_utf8(watch->env, name, NAPI_AUTO_LENGTH, &text) == napi_ok &&
         napi_async_init(watch->env, NULL, text, &watch->context) == napi_ok;
}

/* Frees a watch whose handle was never initialised. */
static void discard(struct watch *watch) {
  forget_callback(watch);
  forget_data(watch);
  free(watch->handle);
  free(watch);
}

/* A watch around a fresh handle; NULL with an exception. */
static struct watch *new_watch(napi_env env, const struct watch_kind *kind, napi_value callback) {
  const char *actual = uv_handle_type_name(kind->uv_type);
  if (actual == NULL || strcmp(actual, kind->uv_type_name) != 0) {
    (void)napi_throw_error(env, "ERR_UV_ABI", "this libuv numbers its handles in an unknown way");
    return NULL;
  }
  struct watch *watch = calloc(1, sizeof *watch);
  if (watch != NULL)
    watch->handle = calloc(1, uv_handle_size(kind->uv_type));
  if (watch == NULL || watch->handle == NULL) {
    free(watch);
    (void)napi_throw_error(env, "ENOMEM", "out of memory");
    return NULL;
  }
  watch->env = env;
  if (!make_context(watch, kind->name, callback)) {
    discard(watch);
    (void)throw_last_error(env);
    return NULL;
  }
  return watch;
}

static void on_closed(uv_handle_t *handle) {
  struct watch *watch = uv_handle_get_data(handle);
  forget_callback(watch);
  forget_data(watch);
  if (watch->cleanup != NULL)
    (void)napi_remove_async_cleanup_hook(watch->cleanup);
  free(watch->handle);
  watch->handle = NULL;
  free_if_unused(watch);
}

static void on_cleanup(napi_async_cleanup_hook_handle cleanup, void *data) {
  (void)cleanup; /* on_closed removes it */
  watch_close(data);
}

static void on_released(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  struct watch *watch = data;
  watch->held = false;
  free_if_unused(watch);
}

/* From now on libuv knows the handle: gives JavaScript its hold on it. NULL with an exception if that fails. */
static napi_value hand_over(struct watch *watch) {
  napi_env env = watch->env;
  napi_value value = NULL;
  uv_handle_set_data(watch->handle, watch);
  if (napi_add_async_cleanup_hook(env, on_cleanup, watch, &watch->cleanup) == napi_ok &&
      napi_create_external(env, watch, on_released, NULL, &value) == napi_ok) {
    watch->held = true;
    return value;
  }
  watch_close(watch);
  return throw_last_error(env);
}

napi_value watch_open(napi_env env, const struct watch_kind *kind, int subject, int events, napi_value callback,
                      void *data) {
  uv_loop_t *loop;
  struct watch *watch = NULL;
  if (napi_get_uv_event_loop(env, &loop) == napi_ok)
    watch = new_watch(env, kind, callback);
  if (watch == NULL) {
    if (kind->free_data != NULL)
      kind->free_data(data);
    return throw_last_error(env);
  }
  watch->data = data;
  watch->free_data = kind->free_data;
  int status = kind->init(loop, watch->handle, subject);
  if (status < 0) {
    discard(watch);
    return make_number(env, status);
  }
  napi_value value = hand_over(watch);
  if (value == NULL)
    return NULL;
  status = kind->start(watch->handle, subject, events);
  if (status >= 0)
    return value;
  watch_close(watch);
  return make_number(env, status);
}

bool get_watch(napi_env env, napi_value value, struct watch **watch) {
  void *data;
  NAPI_CHECK(env, napi_get_value_external(env, value, &data));
  *watch = data;
  return true;
}

bool watch_is_open(const struct watch *watch) {
  return watch->handle != NULL && !uv_is_closing(watch->handle);
}

void watch_close(struct watch *watch) {
  if (watch_is_open(watch))
    uv_close(watch->handle, on_closed);
}

static void report(napi_env env) {
  bool pending = false;
  napi_value error;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
      napi_get_and_clear_last_exception(env, &error) == napi_ok)
    (void)napi_fatal_exception(env, error);
}

void watch_call(struct watch *watch, int64_t argument) {
  napi_env env = watch->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok)
    return; /* the environment is going down */
  napi_value callback, receiver, value;
  if (napi_get_reference_value(env, watch->callback, &callback) != napi_ok ||
      napi_get_global(env, &receiver) != napi_ok || napi_create_int64(env, argument, &value) != napi_ok ||
      napi_make_callback(env, watch->context, receiver, callback, 1, &value, NULL) != napi_ok)
    report(env);
  (void)napi_close_handle_scope(env, scope);
}
