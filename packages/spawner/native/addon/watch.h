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

/* A kind of libuv handle: its number and name in libuv, what asynchronous hooks see, how it is begun. */
struct watch_kind {
  int uv_type;
  const char *uv_type_name, *name;
  int (*init)(uv_loop_t *loop, uv_handle_t *handle, int subject);
  int (*start)(uv_handle_t *handle, int subject, int events);
  void (*free_data)(void *data); /* NULL: such a watch has none */
};

/*
 * Makes a watch on a subject (a descriptor, a signal) and gives it to JavaScript. A negative errno where libuv can't;
 * NULL with an exception. The data is the watch's from now on, and is freed even if there comes none.
 */
napi_value watch_open(napi_env env, const struct watch_kind *kind, int subject, int events, napi_value callback,
                      void *data);

/* The `init` of every kind that polls a descriptor. */
int init_poll(uv_loop_t *loop, uv_handle_t *handle, int fd);

/* The watch behind what watch_open gave. */
bool get_watch(napi_env env, napi_value value, struct watch **watch);
bool watch_is_open(const struct watch *watch);
void watch_close(struct watch *watch);

/* Calls the JavaScript function with one number. What it throws becomes an uncaught exception. */
void watch_call(struct watch *watch, int64_t argument);

#endif
