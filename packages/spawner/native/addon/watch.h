/*
 * A libuv handle whose events go to a JavaScript function: what descriptor watches and the watch on SIGCHLD have in
 * common. It lives until it is closed, whether or not JavaScript still holds it, and is freed when libuv has let go of
 * it and JavaScript has, too.
 */
#ifndef MAVERICK_WATCH_H
#define MAVERICK_WATCH_H

#include "napi-util.h"
#include "uv-abi.h"

struct watch {
  napi_env env;
  napi_ref callback;
  napi_async_context context;
  napi_async_cleanup_hook_handle cleanup;
  uv_handle_t *handle; /* NULL once libuv has let go */
  bool held;           /* JavaScript holds the external */
  void *data;          /* of whoever uses the watch; NULL once it is closed */
  void (*free_data)(void *data);
};

/* Makes a watch around a fresh handle of libuv's given type; `name` is what asynchronous hooks see. */
struct watch *watch_new(napi_env env, int uv_type, const char *uv_type_name, const char *name, napi_value callback);

/* Frees a watch whose handle was never initialised. */
void watch_discard(struct watch *watch);

/* From now on libuv knows the handle: gives JavaScript its hold on it. NULL with an exception if that fails. */
napi_value watch_hand_over(struct watch *watch);

/* The watch behind what watch_hand_over gave. */
bool get_watch(napi_env env, napi_value value, struct watch **watch);
bool watch_is_open(const struct watch *watch);
void watch_close(struct watch *watch);

/* Calls the JavaScript function with one number. What it throws becomes an uncaught exception. */
void watch_call(struct watch *watch, int64_t argument);

#endif
